package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.hipchatalerts.state.LeftPending;
import io.hipchatalerts.state.RedisClients;
import io.hipchatalerts.state.RedisResource;
import io.hipchatalerts.state.store.RedisStore;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The flush of the running function, with its state in Redis. The function has no pending changes of its own: it would
 * look at them later, and find what a test leaves for the flush.
 */
@QuarkusTest
@WithHipChat("""
        hipchat.pending.enabled=true
        hipchat.inbound-token=sesame
        # A call to the store may take a tenth of it.
        hipchat.deadline=100s
        # What another process stored is sent by a flush alone.
        hipchat.pending.poll=1h
        """)
@WithTestResource(RedisResource.class)
class FlushTest extends HipChatTest {

    private static final String FLUSH = "{\"flush\": true}";

    /** The function looks once when it starts, and must not find what a test leaves for the flush. */
    @BeforeEach
    void awaitTheLookAtTheStart() {
        // The last step of a look.
        String looks = "hipchat_state_seconds_count{op=\"count\",store=\"redis\"}";
        await().atMost(Duration.ofSeconds(60)).until(() -> Scrape.sum(looks), greaterThanOrEqualTo(1.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/hipchat", "/"})
    void aFlushSendsWhatAnotherProcessLeft(String path) {
        left("flush" + path.length());
        double events = Scrape.sum("hipchat_alerts_total");

        post(authorized(), path, FLUSH)
                .statusCode(200)
                .contentType("application/json")
                .body(equalTo("{\"flushed\":{\"sent\":1,\"refused\":0,\"expired\":0,\"stale\":0},\"pending\":0}"));

        assertThat(hipChat.accepted()).hasSize(1);
        assertThat(Scrape.sum("hipchat_alerts_total")).isEqualTo(events);
    }

    @Test
    void aCloudEventInBinaryModeCanFlush() {
        left("binary");

        RequestSpecification ping = authorized()
                .headers(Map.of("ce-id", "1", "ce-source", "/ping", "ce-type", "t", "ce-specversion", "1.0"));
        post(ping, "/", FLUSH)
                .statusCode(200)
                .header("ce-type", is("io.hipchatalerts.outcome"))
                .header("ce-source", is("hipchat-alerts"))
                .body("flushed.sent", is(1))
                .body("pending", is(0));
    }

    @Test
    void aCloudEventInStructuredModeCanFlush() {
        left("structured");

        authorized()
                .contentType("application/cloudevents+json")
                .body("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"ping\",\"type\":\"t\",\"data\":" + FLUSH
                        + "}")
                .post("/")
                .then()
                .statusCode(200)
                .contentType("application/cloudevents+json")
                .body("type", is("io.hipchatalerts.outcome"))
                .body("data.flushed.sent", is(1))
                .body("data.pending", is(0));
    }

    @Test
    void aFlushNeedsTheInboundToken() {
        left("unauthorized");

        post(given(), "/hipchat", FLUSH).statusCode(401);

        assertThat(hipChat.requests()).isEmpty();
        post(authorized(), "/hipchat", FLUSH).body("flushed.sent", is(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"flush\": true, \"x\": 1}",
                "{\"flush\": false}",
                "{\"flush\": \"true\"}",
                "{\"flush\": 1}",
                "{\"Flush\": true}",
                "[{\"flush\": true}]"
            })
    void anythingElseIsNoFlush(String body) {
        post(authorized(), "/hipchat", body).statusCode(400).contentType("application/problem+json");
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void aFlushWithoutTheStoreIs503AndLogged() {
        RedisResource.goes();
        try (CapturedLog log = new CapturedLog("io.hipchatalerts.pending", "%p %m")) {
            post(authorized(), "/hipchat", FLUSH)
                    .statusCode(503)
                    .header("Retry-After", "5")
                    .body("detail", containsString("state store"));
            assertThat(log.lines())
                    .containsExactly("INFO flush status=failed reason=none detail=\"The state store is unavailable\"");
        } finally {
            RedisResource.comesBack();
        }
    }

    private static RequestSpecification authorized() {
        return given().header("Authorization", "Bearer sesame");
    }

    private static ValidatableResponse post(RequestSpecification request, String path, String body) {
        return request.contentType("application/json").body(body).post(path).then();
    }

    private static void left(String id) {
        try (RedisClients clients = new RedisClients()) {
            LeftPending.in(
                    new RedisStore(
                            clients.to(RedisResource.address()),
                            "hipchat-alerts",
                            RedisClients.CALL_TIMEOUT,
                            List.of()),
                    id);
        }
    }
}
