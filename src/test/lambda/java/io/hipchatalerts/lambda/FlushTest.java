package io.hipchatalerts.lambda;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.hipchatalerts.state.LeftPending;
import io.hipchatalerts.state.store.StateStore;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A flush by each trigger sends what is pending. Nothing else does: no timer runs between invocations. */
@QuarkusTest
@WithHipChat("""
        hipchat.global=true
        hipchat.pending.enabled=true
        # An event that HipChat does not accept is pending after that, and a flush has to send it within that.
        hipchat.deadline=6s
        """)
class FlushTest {

    private final TriggersTest triggers = new TriggersTest();

    @Inject
    StateStore store;

    @AfterEach
    void resetHipChat() {
        hipChat().reset();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "sqs", "sns", "bridge", "url", "binary", "structured"})
    void whatIsPendingIsSent(String how) {
        LeftPending.in(store, how);

        assertThat(triggers.flush(how).orElse(1)).isOne();

        assertAccepted(how + " is down");
    }

    @Test
    void whatHipChatDoesNotAcceptIsPending() {
        hipChat().reacts(Reaction.answers(503));
        String alert =
                "{\"id\":\"a\",\"message\":\"a is down\",\"level\":\"CRITICAL\",\"options\":{\"stateChangesOnly\":true}}";
        Response failed = given().port(MockEventServer.port())
                .contentType(ContentType.JSON)
                .body(alert)
                .post("/");
        assertThat(failed.asString()).contains("hipchat.state.store=memory");
        hipChat().reset();

        assertThat(triggers.flush("direct").orElse(0)).isOne();

        assertAccepted("a is down");
    }

    private static void assertAccepted(String message) {
        assertThat(hipChat().accepted())
                .extracting(acceptance -> acceptance.request().message())
                .containsExactly(message);
    }

    private static FakeHipChat hipChat() {
        return HipChatResource.hipChat();
    }
}
