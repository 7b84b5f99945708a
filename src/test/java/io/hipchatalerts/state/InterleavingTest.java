package io.hipchatalerts.state;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.state.Interleavings.Rules;
import io.hipchatalerts.state.Interleavings.Violation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    private record Run(List<Level> levels, Interleavings.Times times) {}

    private final ExecutorService walkers =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());

    @AfterEach
    void stop() {
        walkers.shutdownNow();
    }

    private static Stream<Run> runs() {
        return SEQUENCES.stream()
                .flatMap(levels -> Stream.of(Interleavings.Times.values()).map(times -> new Run(levels, times)));
    }

    /** Each run walks by itself, as many at once as there are processors. */
    @TestFactory
    Stream<DynamicTest> thePromisesHoldInEveryInterleaving() {
        return runs()
                .map(run -> {
                    CompletableFuture<Void> walk = CompletableFuture.runAsync(() -> walk(run), walkers);
                    return dynamicTest(run.levels() + ", times " + run.times(), () -> walkedThrough(walk));
                })
                .toList()
                .stream();
    }

    private static void walk(Run run) {
        Interleavings all = new Interleavings(run.levels(), run.times(), Rules.PRODUCTION);

        all.explore();

        LOG.infof(
                "%s, times %s: %d states, %d of them final",
                run.levels(), run.times(), all.states(), all.finalStates());
        assertThat(all.finalStates()).isPositive();
    }

    private static void walkedThrough(CompletableFuture<Void> walk) throws Throwable {
        try {
            walk.get();
        } catch (ExecutionException failure) {
            throw failure.getCause();
        }
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

    private static String violationOf(Run run, Rules rules) {
        try {
            new Interleavings(run.levels(), run.times(), rules).explore();
            return "";
        } catch (Violation violation) {
            return violation.getMessage();
        }
    }
}
