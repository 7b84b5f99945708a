package io.hipchatalerts.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.deploy.KapacitorExamples;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples in {@code deploy/kapacitor} that post to a url and need nothing in {@code kapacitor.conf}. */
@QuarkusTest
@WithHipChat("hipchat.room=room-of-the-configuration")
class KapacitorPostTest extends HipChatTest {

    @ParameterizedTest
    @ValueSource(strings = {"stream-critical", "awkward-characters", "batch-recovery"})
    void theHandlersUrlNamesTheRoom(String event) {
        assertSent(KapacitorCall.byHandler("handlers/cpu-post.yaml", event), "alerts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"scripts/cpu-post.tick", "hipchat-page/kapacitor/hipchat-cpu-alert.tick"})
    void theScriptsUrlNamesTheRoom(String script) {
        assertSent(KapacitorCall.byUrl(KapacitorExamples.urlIn(script), "stream-critical"), "alerts");
    }

    private void assertSent(KapacitorCall.Answer answer, String room) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(JsonPath.from(answer.body()).getString("status")).isEqualTo("sent");
        assertThat(hipChat.onlyRequest().room()).isEqualTo(room);
    }
}
