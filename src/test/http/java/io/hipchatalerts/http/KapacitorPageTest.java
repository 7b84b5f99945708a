package io.hipchatalerts.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.deploy.KapacitorExamples;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The examples in {@code deploy/kapacitor} that post to a url, with the section and the handler file of Kapacitor's own
 * HipChat page, which are read unchanged (K §1.1, §3.1).
 */
@QuarkusTest
@WithHipChat("""
        hipchat.kapacitor-conf=deploy/kapacitor/hipchat-page/function/kapacitor.conf
        hipchat.handlers-dir=deploy/kapacitor/hipchat-page/function/handlers
        # From kapacitor.conf.
        hipchat.room=
        hipchat.token=
        """)
class KapacitorPageTest extends HipChatTest {

    private static final String HANDLER = "hipchat-page/kapacitor/hipchat_cpu_handler.yaml";

    @Test
    void theTopicsHandlerNamesTheRoomAndTheSectionTheToken() {
        KapacitorCall.Answer answer = KapacitorCall.byHandler(HANDLER, "stream-critical");

        assertThat(JsonPath.from(answer.body()).getList("deliveries.handler")).containsExactly("hipchat-cpu-alert");
        assertSent("alerts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream-critical", "awkward-characters", "batch-recovery"})
    void theHandlersUrlNamesTheRoomAndTheSectionTheToken(String event) {
        KapacitorCall.Answer answer = KapacitorCall.byHandler("handlers/cpu-post.yaml", event);

        // The topic's own handler has the same room.
        assertThat(JsonPath.from(answer.body()).getList("deliveries.handler")).containsOnlyNulls();
        assertSent("alerts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"scripts/cpu-post.tick", "hipchat-page/kapacitor/hipchat-cpu-alert.tick"})
    void theScriptsUrlNamesTheRoomAndTheSectionTheToken(String script) {
        KapacitorCall.byUrl(KapacitorExamples.urlIn(script), "stream-critical");

        assertSent("alerts");
    }

    @Test
    void anEventWithoutTopicAndRoomGoesToTheSectionsRoom() {
        KapacitorCall.byUrl("http://hipchat-alerts.example.com/hipchat", "stream-critical");

        assertSent("malerts");
    }

    /** The page's {@code state-changes-only = true} has no effect with {@code global = false} (K §2.1). */
    @Test
    void theSectionsStateChangesOnlyDoesNothingWithoutGlobal() {
        KapacitorCall.byHandler(HANDLER, "stream-critical");
        KapacitorCall.byHandler(HANDLER, "stream-critical");

        assertThat(hipChat.requests("alerts")).hasSize(2);
    }

    private void assertSent(String room) {
        assertThat(hipChat.accepted()).hasSize(1);
        assertThat(hipChat.onlyRequest().room()).isEqualTo(room);
        assertThat(hipChat.onlyRequest().token()).isEqualTo("tokentokentokentokentoken");
    }
}
