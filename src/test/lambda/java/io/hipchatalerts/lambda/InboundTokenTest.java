package io.hipchatalerts.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code hipchat.inbound-token} is asked of HTTP callers; the others are let in by AWS or not at all. */
@QuarkusTest
@WithHipChat("""
        hipchat.inbound-token=s3cret-inbound-token
        hipchat.deadline=30s
        hipchat.request-timeout=30s
        """)
class InboundTokenTest extends HipChatTest {

    @Test
    void whoPresentsItMayCall() {
        assertThat(invoke(Events.sample("http-api.json")).getInt("statusCode")).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer s3cret", "AWS4-HMAC-SHA256 Credential=x"})
    void whoDoesNotIs401(String authorization) {
        JsonPath answer =
                invoke(Events.functionUrl(Events.alert("a", "alerts"), Map.of("authorization", authorization)));

        assertThat(answer.getInt("statusCode")).isEqualTo(401);
        assertThat(answer.getString("headers.WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.getString("body")).doesNotContain("s3cret");
        assertThat(hipChat.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "Authorization", "AUTHORIZATION"})
    void theHeadersNameMayBeInAnyCase(String name) {
        JsonPath answer =
                invoke(Events.functionUrl(Events.alert("a", "alerts"), Map.of(name, "Bearer s3cret-inbound-token")));

        assertThat(answer.getInt("statusCode")).isEqualTo(200);
    }

    @Test
    void aDirectInvocationNeedsNone() {
        assertThat(invoke(Events.alert("a", "alerts")).getString("status")).isEqualTo("sent");
    }

    private static JsonPath invoke(String event) {
        Function.Answer answer = new MockEventServer().invoke(event);
        assertThat(answer.failed()).as(answer.body()).isFalse();
        return answer.json();
    }
}
