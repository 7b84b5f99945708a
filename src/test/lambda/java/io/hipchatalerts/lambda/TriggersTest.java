package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.WithHipChat;
import io.hipchatalerts.state.LeftPending;
import io.hipchatalerts.state.store.StateStore;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The triggers, through Quarkus' mock event server, with a look at the state store and at the standard output. */
@QuarkusTest
@WithHipChat("""
        hipchat.global=true
        hipchat.pending.enabled=true
        hipchat.deadline=30s
        hipchat.request-timeout=30s
        """)
class TriggersTest extends TriggersContract {

    @Inject
    StateStore store;

    @Override
    Function function() {
        return new MockEventServer();
    }

    @Override
    FakeHipChat hipChat() {
        return HipChatResource.hipChat();
    }

    /** Nothing else sends it: no timer runs between invocations. */
    @ParameterizedTest
    @EnumSource
    void aFlushByAnyTriggerSendsWhatIsPending(Trigger trigger) {
        LeftPending.in(store, trigger.name());

        assertThat(flush(trigger).orElse(1)).isOne();

        assertThat(messages()).containsExactly(trigger + " is down");
    }

    static Stream<Arguments> invocations() {
        String alert = Events.alert("a", "alerts");
        String refused = Events.alert("a", REFUSING);
        return Stream.of(
                arguments("a direct invocation", alert, Map.of("sent", 1)),
                arguments("one that fails", refused, Map.of("refused", 1)),
                arguments("no alert", "{\"id\":\"a\",\"level\":\"MAJOR\"}", Map.of("invalid", 1)),
                arguments("no known envelope", "{}", Map.of("invalid", 1)),
                arguments("SNS", Events.sns(refused), Map.of("refused", 1)),
                arguments("EventBridge", Events.eventBridge(alert), Map.of("sent", 1)),
                arguments("a Function URL", Events.functionUrl("x"), Map.of("invalid", 1)),
                arguments(
                        "a batch",
                        Events.sqs(Map.of("m0", alert, "m1", refused, "m2", "x", "m3", Events.alert("b", "alerts"))),
                        Map.of("sent", 2, "refused", 1, "invalid", 1)),
                arguments(
                        "a message group",
                        Events.fifo("g m0 " + refused, "g m1 " + alert, "g m2 " + alert),
                        Map.of("refused", 1, "failed", 2)),
                arguments("a flush", FLUSH, Map.of()),
                arguments("a check", "{\"check\": true}", Map.of()));
    }

    /** Each invocation writes one line of metrics, whatever becomes of it (contract §9). */
    @ParameterizedTest(name = "{0}")
    @MethodSource("invocations")
    void everyInvocationWritesOneLineOfItsCounts(String name, String event, Map<String, Integer> counts) {
        assertThat(linesOf(event))
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
    private List<String> linesOf(String event) {
        PrintStream console = System.out;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, UTF_8));
        try {
            var unused = function().invoke(event);
        } finally {
            System.setOut(console);
        }
        return written.toString(UTF_8).lines().toList();
    }
}
