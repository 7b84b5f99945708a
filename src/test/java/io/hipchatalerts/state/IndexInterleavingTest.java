package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.routing.TestDeliveries;
import io.hipchatalerts.state.IndexInterleavings.Rules;
import io.hipchatalerts.state.Interleavings.Violation;
import io.hipchatalerts.time.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** No stored pending change is ever without its entry in the index, in every interleaving of the program's own code. */
class IndexInterleavingTest {

    private static final Logger LOG = Logger.getLogger(IndexInterleavingTest.class);
    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30Z");
    private static final String KEY = "hipchat-alerts:::id:alerts";
    private static final Delivery ALERTS = TestDeliveries.to("alerts");

    /** Claims, and settles what it got. */
    private record Deliver(Level level, long second, SendResult result) implements Consumer<AlertStates> {

        @Override
        public void accept(AlertStates states) {
            Claim claim = states.claim(event(level, second), ALERTS, false, deadline());
            if (claim instanceof Claim.Granted granted) {
                states.settle(granted, result, Optional.of(NOW));
            }
        }
    }

    private static final Map<String, Consumer<AlertStates>> WORKERS = Map.of(
            "looks", states -> TestAlertStates.due(states),
            "keeps CRITICAL", states -> states.keep(event(Level.CRITICAL, 0), ALERTS, false, NOW, deadline()),
            "keeps CRITICAL again", states -> states.keep(event(Level.CRITICAL, 0), ALERTS, true, NOW, deadline()),
            "keeps OK", states -> states.keep(event(Level.OK, 1), ALERTS, false, NOW, deadline()),
            "sends CRITICAL", new Deliver(Level.CRITICAL, 0, new SendResult.Accepted("204")),
            "tries CRITICAL", new Deliver(Level.CRITICAL, 0, new SendResult.NotSent("429", Optional.empty(), true)),
            "gives up", states -> TestAlertStates.due(states).forEach(states.pending()::giveUp));

    @ParameterizedTest(name = "{0}; {1} answers lost")
    @CsvSource({
        "looks + keeps CRITICAL,                          2",
        "looks + looks + keeps CRITICAL,                  1",
        "looks + sends CRITICAL,                          2",
        "looks + tries CRITICAL,                          2",
        "looks + gives up + keeps CRITICAL,               1",
        "looks + keeps CRITICAL + keeps OK,               0",
        "looks + keeps CRITICAL + keeps CRITICAL again,   0",
        "looks + keeps CRITICAL + sends CRITICAL,         0",
        "looks + tries CRITICAL + keeps CRITICAL again,   0",
    })
    void everyStoredChangeHasAnEntry(String workers, int lost) {
        IndexInterleavings all = walk(workers, Rules.PRODUCTION, lost);

        all.explore();

        LOG.infof("%s: %d states, %d of them final", workers, all.states(), all.finalStates());
        assertThat(all.finalStates()).isPositive();
    }

    /** Takes minutes; {@code .ci/run} runs it. */
    @Tag("exhaustive")
    @ParameterizedTest(name = "{0}; {1} answers lost")
    @CsvSource({
        "looks + keeps CRITICAL + keeps OK,               1",
        "looks + keeps CRITICAL + sends CRITICAL,         1",
        "looks + looks + tries CRITICAL,                  1",
    })
    void everyStoredChangeHasAnEntryWithMoreFaults(String workers, int lost) {
        walk(workers, Rules.PRODUCTION, lost).explore();
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(value = Rules.class, mode = EnumSource.Mode.EXCLUDE, names = "PRODUCTION")
    void withoutOneOfItsPartsAChangeIsForgotten(Rules mutilated) {
        IndexInterleavings all = walk("looks + keeps CRITICAL", mutilated, 0);

        assertThatThrownBy(all::explore)
                .isInstanceOf(Violation.class)
                .hasMessageStartingWith("A pending change is stored without an entry");
    }

    private static IndexInterleavings walk(String workers, Rules rules, int lost) {
        return new IndexInterleavings(
                KEY,
                NOW,
                Stream.of(workers.split(" \\+ ", -1)).map(WORKERS::get).toList(),
                rules,
                lost);
    }

    private static Deadline deadline() {
        return Deadline.in(Duration.ofSeconds(25), InstantSource.fixed(NOW));
    }

    private static AlertEvent event(Level level, long second) {
        return TestEvents.event("id", "m", level, Optional.empty(), NOW.plusSeconds(second));
    }
}
