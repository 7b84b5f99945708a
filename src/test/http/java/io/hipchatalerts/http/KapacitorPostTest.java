package io.hipchatalerts.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.deploy.KapacitorExamples;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples in {@code deploy/kapacitor} that post to a url and need nothing in {@code kapacitor.conf}. */
@QuarkusTest
@QuarkusTestResource(
        value = FakeHipChat.class,
        restrictToAnnotatedClass = true,
        initArgs = {
            @ResourceArg(name = "hipchat.room", value = "room-of-the-configuration"),
            // Nothing here is about time, so a busy machine may take its own.
            @ResourceArg(name = "hipchat.deadline", value = "25s"),
            @ResourceArg(name = "hipchat.request-timeout", value = "20s")
        })
class KapacitorPostTest {

    @BeforeEach
    void hipChatAcceptsEverything() {
        FakeHipChat.acceptsEverything();
    }

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

    private static void assertSent(KapacitorCall.Answer answer, String room) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(JsonPath.from(answer.body()).getString("status")).isEqualTo("sent");
        assertThat(FakeHipChat.all()).hasSize(1);
        assertThat(FakeHipChat.all().get(0).getUrl()).isEqualTo(FakeHipChat.path(room));
    }
}
