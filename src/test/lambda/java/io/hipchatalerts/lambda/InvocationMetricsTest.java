package io.hipchatalerts.lambda;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each invocation writes one line of metrics, whatever becomes of it (contract §9). */
@QuarkusTest
@WithHipChat("""
        hipchat.global=true
        hipchat.deadline=30s
        hipchat.request-timeout=30s
        """)
class InvocationMetricsTest extends HipChatTest {

    private static final String REFUSED = "refusing";

    static Stream<Arguments> invocations() {
        String alert = Events.alert("a", "alerts");
        String refused = Events.alert("a", REFUSED);
        return Stream.of(
                Arguments.of("a direct invocation", alert, Map.of("sent", 1)),
                Arguments.of("one that fails", refused, Map.of("refused", 1)),
                Arguments.of("no alert", "{\"id\":\"a\",\"level\":\"MAJOR\"}", Map.of("invalid", 1)),
                Arguments.of("no known envelope", "{}", Map.of("invalid", 1)),
                Arguments.of("SNS", Events.sns(refused), Map.of("refused", 1)),
                Arguments.of("EventBridge", Events.eventBridge(alert), Map.of("sent", 1)),
                Arguments.of("a Function URL", Events.functionUrl("x"), Map.of("invalid", 1)),
                Arguments.of(
                        "a batch",
                        Events.sqs(Map.of("m0", alert, "m1", refused, "m2", "x", "m3", Events.alert("b", "alerts"))),
                        Map.of("sent", 2, "refused", 1, "invalid", 1)),
                Arguments.of(
                        "a message group",
                        Events.fifo("g m0 " + refused, "g m1 " + alert, "g m2 " + alert),
                        Map.of("refused", 1, "failed", 2)),
                Arguments.of("a flush", "{\"flush\": true}", Map.of()),
                Arguments.of("a check", "{\"check\": true}", Map.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invocations")
    void everyInvocationWritesOneLineOfItsCounts(String name, String event, Map<String, Integer> counts) {
        hipChat.reacts(REFUSED, Reaction.refuses(403, "no"));

        List<String> lines = linesOf(event);

        assertThat(lines)
                .filteredOn(line -> line.contains("_aws"))
                .singleElement()
                .satisfies(line -> {
                    JsonNode metrics = Events.parse(line);
                    assertThat(metrics.at("/_aws/CloudWatchMetrics/0/Metrics").valueStream())
                            .extracting(metric -> metric.path("Name").asText())
                            .allSatisfy(metric -> assertThat(
                                            metrics.path(metric).intValue())
                                    .isEqualTo(counts.getOrDefault(metric.replace("hipchat_alerts_total_", ""), 0)))
                            .containsAll(counts.keySet().stream()
                                    .map(status -> "hipchat_alerts_total_" + status)
                                    .toList());
                });
    }

    /** Returns what the invocation writes to the standard output. The log goes to the one of the program's start. */
    private static List<String> linesOf(String event) {
        PrintStream console = System.out;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, UTF_8));
        try {
            given().port(MockEventServer.port())
                    .contentType(ContentType.JSON)
                    .body(event)
                    .post("/");
        } finally {
            System.setOut(console);
        }
        return written.toString(UTF_8).lines().toList();
    }
}
