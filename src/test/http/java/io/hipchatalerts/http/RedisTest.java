package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.hipchatalerts.state.RedisResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The running function with its state in Redis: outages and pending changes. */
@QuarkusTest
@WithHipChat("""
        hipchat.pending.enabled=true
        hipchat.digest.from=3
        # A call to the store may take a tenth of it.
        hipchat.deadline=100s
        """)
@WithTestResource(RedisResource.class)
@Timeout(180)
class RedisTest extends HipChatTest {

    // Outages

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

    private static void shows(boolean reachable) {
        given().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks[0].name", equalTo("state store"))
                .body("checks[0].data.store", equalTo("redis"))
                .body("checks[0].data.reachable", equalTo(reachable));
    }

    private static void sends(String id, String status, boolean degraded) {
        change(id, "alerts").statusCode(200).body("status", is(status)).body("degraded", is(degraded));
    }

    // Pending changes

    @Test
    void aChangeThatHipChatDoesNotAcceptIsPendingAndSentOnceHipChatIsBack() {
        double answered = Scrape.sum("hipchat_alerts_total{reason=\"unavailable\",status=\"pending\"}");
        double sentAtOnce = Scrape.events("sent");
        double sent = Scrape.sum("hipchat_pending_total{result=\"sent\"}");
        // The program must find that this is later, however busy the machine is.
        hipChat.reacts(Reaction.answers(503).retryAfter(Duration.ofSeconds(4)));

        change("back", "alerts")
                .statusCode(200)
                .body("status", is("pending"))
                .body("reason", is("unavailable"))
                .body("degraded", is(false))
                .body("deliveries[0].status", is("pending"))
                .body("deliveries[0].attempts", is(1));

        hipChat.reset();
        hipChat.awaitAccepted(1);
        assertThat(hipChat.onlyRequest().message()).isEqualTo("back is down");
        awaitMetric("hipchat_pending_total{result=\"sent\"}", sent + 1);
        assertThat(Scrape.sum("hipchat_alerts_total{reason=\"unavailable\",status=\"pending\"}"))
                .isEqualTo(answered + 1);
        assertThat(Scrape.events("sent")).isEqualTo(sentAtOnce);
        change("back", "alerts").body("status", is("suppressed")).body("reason", is("unchanged"));
    }

    @Test
    void severalChangesOfOneRoomAreSentAsADigest() {
        double sent = Scrape.sum("hipchat_pending_total{result=\"sent\"}");
        // Longer than a busy machine needs for three requests.
        hipChat.reactsInTurn(Reaction.throttles().retryAfter(Duration.ofSeconds(6)));
        hipChat.reacts(Reaction.throttles().retryAfter(Duration.ofSeconds(1)));
        change("digest-1", "many").body("reason", is("rate-limited"));
        change("digest-2", "many").body("reason", is("rate-limited")).body("deliveries[0].attempts", is(0));
        change("digest-3", "many").body("status", is("pending"));

        // If the machine is even busier, the first two are tried before.
        hipChat.await(
                () -> hipChat.requests("many").stream()
                        .anyMatch(request -> request.message().contains("digest-3")),
                () -> "a try of all three, not " + hipChat.requests());
        hipChat.reset();
        hipChat.awaitAccepted(1);

        assertThat(hipChat.onlyRequest().message()).isEqualTo("""
                3 alerts changed: 3 CRITICAL
                CRITICAL digest-1 is down
                CRITICAL digest-2 is down
                CRITICAL digest-3 is down\
                """);
        assertThat(hipChat.onlyRequest().messageFormat()).isEqualTo("text");
        assertThat(hipChat.onlyRequest().color()).isEqualTo("red");
        awaitMetric("hipchat_pending_total{result=\"sent\"}", sent + 3);
    }

    private static ValidatableResponse change(String id, String room) {
        return given().contentType("application/json")
                .body("""
                {"id": "%1$s", "message": "%1$s is down", "level": "CRITICAL", "previousLevel": "OK",
                 "time": "2026-05-02T09:15:30Z", "options": {"room": "%2$s", "stateChangesOnly": true}}
                """.formatted(id, room))
                .post("/hipchat")
                .then();
    }

    private static void awaitMetric(String name, double value) {
        await().atMost(Duration.ofSeconds(60)).until(() -> Scrape.sum(name), is(value));
    }
}
