package io.hipchatalerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.delivery.Concurrently;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.LogText;
import io.hipchatalerts.outcome.Outcome;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EventLogTest {

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final VirtualTime clock = new VirtualTime(Instant.parse("2026-05-02T09:15:30Z"));
    private final EventLog eventLog = new EventLog(metrics, clock);

    static List<Arguments> texts() {
        return List.of(
                arguments("", "\"\""),
                arguments("cpu:host=web01", "\"cpu:host=web01\""),
                arguments("a b", "\"a b\""),
                arguments("say \"hi\"", "\"say \\\"hi\\\"\""),
                arguments("C:\\temp", "\"C:\\\\temp\""),
                arguments("a\nstatus=sent", "\"a\\u000astatus=sent\""),
                arguments("a\r\nb", "\"a\\u000d\\u000ab\""),
                arguments("tab\there", "\"tab\\u0009here\""),
                arguments("\0", "\"\\u0000\""),
                arguments("\033[31m", "\"\\u001b[31m\""),
                arguments("\u007f\u0085", "\"\\u007f\\u0085\""),
                arguments("a\u2028b\u2029c", "\"a\\u2028b\\u2029c\""),
                arguments("right\u202eleft", "\"right\\u202eleft\""),
                arguments("zero\u200bwidth\ufeff", "\"zero\\u200bwidth\\ufeff\""),
                arguments("Müll 🔥 警報", "\"Müll 🔥 警報\""));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void charactersThatBreakOrForgeALineAreEscaped(String text, String quoted) {
        assertThat(LogText.quoted(text)).isEqualTo(quoted);
    }

    @Property(seed = "20260502")
    void noTextEndsItsQuotesOrItsLine(@ForAll String text) {
        assertThat(LogText.quoted(text))
                .matches("\"(?:[^\"\\\\\\p{Cc}\u2028\u2029]|\\\\[\"\\\\]|\\\\u[0-9a-f]{4,5})*\"");
    }

    @Test
    void everyLabelSetExistsFromTheStart() {
        assertThat(metrics.get("hipchat.alerts").counters())
                .extracting(counter ->
                        counter.getId().getTag("status") + "/" + counter.getId().getTag("reason"))
                .containsExactlyInAnyOrder(
                        "sent/none",
                        "refused/none",
                        "failed/none",
                        "failed/rate-limited",
                        "failed/unavailable",
                        "failed/under-way",
                        "pending/rate-limited",
                        "pending/unavailable",
                        "pending/under-way",
                        "suppressed/unchanged",
                        "suppressed/stale",
                        "skipped/disabled",
                        "skipped/not-addressed",
                        "skipped/no-match",
                        "skipped/empty-event",
                        "invalid/none");
        assertThat(counted()).isEmpty();
    }

    @Test
    void anEventCountsOnceWithItsAnswer() {
        Outcome outcome = Outcome.of(List.of(
                DeliveryOutcome.sent(null, "a", 1, false),
                DeliveryOutcome.sent(null, "b", 2, false),
                DeliveryOutcome.refused(null, "c", 1, false, "no"),
                DeliveryOutcome.failed(null, "d", 0, false, "no", Duration.ofSeconds(5)),
                DeliveryOutcome.suppressed(null, "e", Reason.UNCHANGED, 0, false),
                DeliveryOutcome.suppressed(null, "f", Reason.STALE, 0, false)));

        assertThat(eventLog.open().endsWith(outcome)).isSameAs(outcome);

        assertThat(counted()).containsExactly("failed/none=1");
    }

    @Test
    void aMatchThatFailsSaysWhyInTheEventsLine() {
        List<String> lines = lines("io.hipchatalerts.alert", () -> eventLog.open()
                .endsWith(Outcome.of(List.of(
                        DeliveryOutcome.declined("web", null, "the event has no tag \"host\""),
                        DeliveryOutcome.sent("all", "a", 1, false)))));

        assertThat(lines)
                .singleElement()
                .asString()
                .contains("room=-,\"a\" status=sent", "detail=\"the event has no tag \\\"host\\\"\"");
    }

    @Test
    void aBugInADeliveryIsNamedInTheEventsLine() {
        Supplier<DeliveryOutcome> delivery = () -> {
            throw new IllegalStateException("a bug of the test");
        };
        Throwable bug = catchThrowable(() -> Concurrently.all(List.of(delivery), Runnable::run));

        assertThat(lines("io.hipchatalerts.alert", () -> eventLog.open().endsByBug(bug)))
                .singleElement()
                .asString()
                .contains("status=failed", "detail=\"a bug, IllegalStateException\"");
    }

    @Test
    void aFloodOfRequestsWithoutTheInboundTokenWritesOneLineAMinute() {
        Problem unauthorized = Problem.of(401, "Unauthorized", "no token");

        List<String> lines = lines("io.hipchatalerts", () -> {
            for (int second = 0; second <= 60; second++) {
                eventLog.invalid(unauthorized);
                eventLog.invalid(unauthorized);
                clock.pass(Duration.ofSeconds(1));
            }
        });

        assertThat(lines)
                .containsExactly(
                        "A request without hipchat.inbound-token was answered 401"
                                + " (number of times since the last such line: 1)",
                        "A request without hipchat.inbound-token was answered 401"
                                + " (number of times since the last such line: 120)");
        assertThat(counted()).containsExactly("invalid/none=122");
    }

    @Test
    void anOverloadHasALineOfItsOwnAndOtherRejectionsHaveOneEach() {
        List<String> lines = lines("io.hipchatalerts", () -> {
            eventLog.invalid(Problem.of(401, "Unauthorized", "no token"));
            eventLog.overloaded("too many");
            eventLog.overloaded("too many");
            eventLog.rejected();
            eventLog.invalid(Problem.of(415, "Unsupported Media Type", "not JSON"));
            eventLog.invalid(Problem.of(415, "Unsupported Media Type", "not JSON"));
        });

        assertThat(lines).hasSize(4);
        assertThat(lines.get(1)).startsWith("too many");
        assertThat(lines.subList(2, 4)).allMatch(line -> line.contains("detail=\"not JSON\""));
        assertThat(counted()).containsExactlyInAnyOrder("invalid/none=3", "failed/none=3");
    }

    private static List<String> lines(String logger, Runnable work) {
        try (CapturedLog log = new CapturedLog(logger, "%s")) {
            work.run();
            return log.lines();
        }
    }

    @Test
    void anEventWithoutADeliveryCountsOnce() {
        eventLog.open().endsWith(Outcome.skipped(Reason.DISABLED));

        assertThat(counted()).containsExactly("skipped/disabled=1");
    }

    @Test
    void aBodyThatIsNoAlertCountsAsInvalid() {
        BadAlert bad = new BadAlert("level is missing");

        assertThat(eventLog.open().endsWith(bad)).isSameAs(bad);
        eventLog.invalid("not JSON");

        assertThat(counted()).containsExactly("invalid/none=2");
    }

    @Test
    void noOutcomeAddsALabelSet() {
        int before = metrics.get("hipchat.alerts").counters().size();

        for (Reason reason : List.of(Reason.UNCHANGED, Reason.STALE)) {
            eventLog.open().endsWith(Outcome.of(List.of(DeliveryOutcome.suppressed(null, "a", reason, 0, true))));
        }
        for (Reason reason : List.of(Reason.DISABLED, Reason.NOT_ADDRESSED, Reason.NO_MATCH, Reason.EMPTY_EVENT)) {
            eventLog.open().endsWith(Outcome.skipped(reason));
        }

        assertThat(metrics.get("hipchat.alerts").counters()).hasSize(before);
    }

    private List<String> counted() {
        return metrics.get("hipchat.alerts").counters().stream()
                .filter(counter -> counter.count() > 0)
                .map(EventLogTest::shown)
                .collect(Collectors.toList());
    }

    private static String shown(Counter counter) {
        return counter.getId().getTag("status") + "/" + counter.getId().getTag("reason") + "="
                + Math.round(counter.count());
    }
}
