package io.hipchatalerts.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.ReceivedRequest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in {@code deploy/kapacitor} that go through an endpoint of {@code kapacitor.conf}. */
@QuarkusTest
@WithHipChat("""
        hipchat.inbound-token=the-inbound-token
        hipchat.global=true
        hipchat.room=room-of-the-configuration
        """)
class KapacitorEndpointsTest extends HipChatTest {

    @ParameterizedTest
    @MethodSource("events")
    void thePasswordAuthorizesTheCallAndTheHeaderHasTheRoomsToken(String event, String color, String message) {
        KapacitorCall.Answer answer = KapacitorCall.byHandler("handlers/cpu-endpoint.yaml", event);

        assertThat(answer.status()).isEqualTo(200);
        assertSent("alerts", "the-token-of-the-room", color, message);
    }

    @ParameterizedTest
    @MethodSource("events")
    void aTemplatesOptionsNameTheRoomAndSwitchOnStateChangesOnly(String event, String color, String message) {
        KapacitorCall.Answer first = KapacitorCall.byHandler("handlers/cpu-options.yaml", event);
        KapacitorCall.Answer again = KapacitorCall.byHandler("handlers/cpu-options.yaml", event);

        assertThat(first.status()).isEqualTo(200);
        assertThat(JsonPath.from(again.body()).getString("reason")).isEqualTo("unchanged");
        assertSent("alerts", HipChatResource.TOKEN, color, message);
    }

    @ParameterizedTest
    @MethodSource("events")
    void aTemplatesCloudEventIsAcceptedFromTheBroker(String event, String color, String message) {
        KapacitorCall.Answer answer =
                KapacitorCall.byHandler("handlers/cpu-broker.yaml", event, "Authorization", "Bearer the-inbound-token");

        assertThat(answer.status()).isEqualTo(200);
        assertSent("room-of-the-configuration", HipChatResource.TOKEN, color, message);
    }

    @Test
    void aScriptAndAHandlerShareTheEndpoint() {
        KapacitorCall.Answer answer = KapacitorCall.byEndpoint("hipchat-alerts", "stream-critical");

        assertThat(answer.status()).isEqualTo(200);
        assertSent("alerts", "the-token-of-the-room", "red", "cpu:host=web01 is CRITICAL");
    }

    @Test
    void aCallWithoutTheEndpointsPasswordIsRejected() {
        KapacitorCall.Answer answer = KapacitorCall.byHandler("handlers/cpu-post.yaml", "stream-critical");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(hipChat.requests()).isEmpty();
    }

    static Stream<Arguments> events() {
        return Stream.of(
                arguments("stream-critical", "red", "cpu:host=web01 is CRITICAL"),
                arguments(
                        "awkward-characters",
                        "yellow",
                        "\"C:\\temp\" is\n\t<b>full</b> & {{ .ID }} }} \u2028 \u0001 🔥"),
                arguments("batch-recovery", "green", "/var on db01 is OK"));
    }

    private void assertSent(String room, String token, String color, String message) {
        ReceivedRequest request = hipChat.onlyRequest();
        assertThat(request.room()).isEqualTo(room);
        assertThat(request.token()).isEqualTo(token);
        assertThat(request.color()).isEqualTo(color);
        assertThat(request.message()).isEqualTo(message);
    }
}
