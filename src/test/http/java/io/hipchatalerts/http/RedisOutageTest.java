package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.hipchatalerts.state.RedisResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The running function with its state in Redis, which stops and starts again. */
@QuarkusTest
@Timeout(180)
@WithHipChat("""
        # A call to the store may take a tenth of it.
        hipchat.deadline=100s
        """)
@WithTestResource(RedisResource.class)
class RedisOutageTest extends HipChatTest {

    private static final String CRITICAL = """
            {"id": "redis:%s", "level": "CRITICAL", "previousLevel": "OK", "message": "down",
             "options": {"stateChangesOnly": true}}
            """;

    @Test
    void aChangeIsSentOnce() {
        sends("once", "sent", false);
        sends("once", "suppressed", false);
    }

    @Test
    void anOutageIsReportedKeepsTheInstanceReadyAndEndsWithTheServersReturn() {
        awaitReachable();
        sends("outage", "sent", false);

        RedisResource.goes();
        try {
            shows(false);
            sends("outage", "sent", true);
        } finally {
            RedisResource.comesBack();
        }

        sends("outage", "sent", false);
        sends("outage", "suppressed", false);
        awaitReachable();
    }

    /** A failed write stands for a few seconds, also where it is already over. A busy machine may be too slow for a look. */
    private static void awaitReachable() {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> shows(true));
    }

    private static void sends(String id, String status, boolean degraded) {
        given().contentType(ContentType.JSON)
                .body(CRITICAL.formatted(id))
                .post("/hipchat")
                .then()
                .statusCode(200)
                .body("status", equalTo(status))
                .body("degraded", equalTo(degraded));
    }

    private static void shows(boolean reachable) {
        when().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks[0].name", equalTo("state store"))
                .body("checks[0].data.store", equalTo("redis"))
                .body("checks[0].data.reachable", equalTo(reachable));
    }
}
