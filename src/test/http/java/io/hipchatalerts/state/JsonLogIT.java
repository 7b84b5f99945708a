package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged program with {@code hipchat.log-format=json}. */
class JsonLogIT {

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** In the spelling of the event's JSON; the program reads the characters themselves. */
    private static final String HOSTILE =
            "say \\\"hi\\\"\\n{\\\"level\\\":\\\"FATAL\\\"}\\r\\\\ \\u0000 \\u007f \\u0085 \\u2028 \\u202e \\ud83d\\udd25";

    @Test
    @Timeout(300)
    void everyLineIsOneObjectAndAnEventsLineHasItsFields() throws Exception {
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(
                                hipChat.url(),
                                "redis://localhost",
                                Map.of(
                                        "HIPCHAT_STATE_STORE", "memory",
                                        "HIPCHAT_TOKEN", "s3cret",
                                        "HIPCHAT_LOG_FORMAT", "json"))
                        .started()) {
            hipChat.decides(request -> request.message().startsWith("refused")
                    ? Reaction.refuses(403, "Not your room")
                    : Reaction.accepts());
            for (String id : List.of(HOSTILE, HOSTILE, "refused")) {
                instance.send(id, 1, Level.CRITICAL, Level.OK).get(60, TimeUnit.SECONDS);
            }

            List<String> lines = instance.linesToItsEnd();

            assertThat(lines).noneMatch(line -> line.contains("s3cret"));
            List<JsonNode> objects = lines.stream().map(JsonLogIT::object).toList();
            assertThat(objects).allSatisfy(line -> assertThat(line.fieldNames())
                    .toIterable()
                    .contains("timestamp", "level", "loggerName", "message"));
            assertThat(objects.stream().filter(line -> line.has("alert")).map(line -> line.get("alert")))
                    .satisfiesExactly(
                            sent -> assertThat(withoutTime(sent))
                                    .isEqualTo(object(
                                            "{\"id\":\"" + HOSTILE + "\",\"level\":\"CRITICAL\",\"room\":\"alerts\","
                                                    + "\"attempts\":1,\"status\":\"sent\",\"degraded\":false}")),
                            again -> assertThat(withoutTime(again))
                                    .isEqualTo(object(
                                            "{\"id\":\"" + HOSTILE + "\",\"level\":\"CRITICAL\",\"room\":\"alerts\","
                                                    + "\"attempts\":0,\"status\":\"suppressed\",\"reason\":\"unchanged\","
                                                    + "\"degraded\":false}")),
                            refused -> {
                                assertThat(refused.path("status").asText()).isEqualTo("refused");
                                assertThat(refused.path("detail").asText()).contains("403");
                            });
        }
    }

    private static JsonNode withoutTime(JsonNode alert) {
        assertThat(alert.path("ms").isIntegralNumber()).isTrue();
        return alert.<ObjectNode>deepCopy().without("ms");
    }

    private static JsonNode object(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException notJson) {
            throw new UncheckedIOException(line, notJson);
        }
    }
}
