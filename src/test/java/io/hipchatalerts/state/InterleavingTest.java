package io.hipchatalerts.state;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.state.Interleavings.Rules;
import io.hipchatalerts.state.Interleavings.Violation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The promises of contract §5 in every interleaving, up to a bound, of the protocol that runs in production. */
class InterleavingTest {

    private static final Logger LOG = Logger.getLogger(InterleavingTest.class);

    private static final List<List<Level>> SEQUENCES = List.of(
            List.of(CRITICAL),
            List.of(CRITICAL, CRITICAL),
            List.of(CRITICAL, OK),
            List.of(CRITICAL, CRITICAL, OK),
            List.of(WARNING, CRITICAL, OK),
            List.of(CRITICAL, OK, CRITICAL),
            List.of(OK, CRITICAL, OK));

    static Stream<Arguments> runs() {
        return SEQUENCES.stream()
                .flatMap(levels -> Stream.of(Interleavings.Times.values()).map(times -> Arguments.of(levels, times)));
    }

    @ParameterizedTest(name = "{0}, times {1}")
    @MethodSource("runs")
    void thePromisesHoldInEveryInterleaving(List<Level> levels, Interleavings.Times times) {
        Interleavings all = new Interleavings(levels, times, Rules.PRODUCTION);

        all.explore();

        LOG.infof("%s, times %s: %d states, %d of them final", levels, times, all.states(), all.finalStates());
        assertThat(all.finalStates()).isPositive();
    }

    /** The test has teeth: each part of the protocol that is said to be needed is. */
    @ParameterizedTest(name = "without {0}")
    @EnumSource(value = Rules.class, mode = EnumSource.Mode.EXCLUDE, names = "PRODUCTION")
    void withoutOneOfItsPartsAPromiseBreaks(Rules mutilated) {
        Optional<String> broken = runs().map(run -> violationOf(run, mutilated))
                .filter(violation -> !violation.isEmpty())
                .findFirst();

        LOG.infof(
                "%s breaks a promise: %s",
                mutilated, broken.orElse("none").lines().findFirst().orElseThrow());
        assertThat(broken).isPresent();
    }

    @Test
    void theCheckerItselfSeesAMessageThatIsToldTwice() {
        Interleavings twice = new Interleavings(List.of(CRITICAL, CRITICAL), Interleavings.Times.RISING, Rules.NO_HOLD);

        assertThatThrownBy(twice::explore).isInstanceOf(Violation.class).hasMessageContaining("told");
    }

    private static String violationOf(Arguments run, Rules rules) {
        @SuppressWarnings("unchecked")
        List<Level> levels = (List<Level>) run.get()[0];
        try {
            new Interleavings(levels, (Interleavings.Times) run.get()[1], rules).explore();
            return "";
        } catch (Violation violation) {
            return violation.getMessage();
        }
    }
}
