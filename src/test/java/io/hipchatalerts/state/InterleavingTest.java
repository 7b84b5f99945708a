package io.hipchatalerts.state;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.state.Interleavings.Bounds;
import io.hipchatalerts.state.Interleavings.Rules;
import io.hipchatalerts.state.Interleavings.Senders;
import io.hipchatalerts.state.Interleavings.Times;
import io.hipchatalerts.state.Interleavings.Violation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promises of contract §5 in every interleaving, up to a bound, of the protocol that runs in production. */
class InterleavingTest {

    private static final Logger LOG = Logger.getLogger(InterleavingTest.class);

    private static final List<List<Level>> TWO =
            List.of(List.of(CRITICAL), List.of(CRITICAL, CRITICAL), List.of(CRITICAL, OK));

    private static final List<List<Level>> THREE = List.of(
            List.of(CRITICAL, CRITICAL, OK),
            List.of(WARNING, CRITICAL, OK),
            List.of(CRITICAL, OK, CRITICAL),
            List.of(OK, CRITICAL, OK));

    private record Run(List<Level> levels, Times times, Senders senders, Bounds bounds) {}

    /** No more with more processors: each walk needs its memory. */
    private static final int WALKERS = 2;

    private final ExecutorService walkers = Executors.newFixedThreadPool(WALKERS);

    @AfterEach
    void stop() {
        walkers.shutdownNow();
    }

    @TestFactory
    Stream<DynamicTest> thePromisesHoldForTwoEventsWithAnyFourFaults() {
        return walks(runs(Senders.RETRY_AND_NOTHING_IS_KEPT, TWO, any(4)));
    }

    @TestFactory
    Stream<DynamicTest> thePromisesHoldForThreeEventsWithAnyTwoFaults() {
        return walks(runs(Senders.RETRY_AND_NOTHING_IS_KEPT, THREE, any(2)));
    }

    @TestFactory
    Stream<DynamicTest> nothingIsLostOfTwoEventsThatAreDeliveredOnceWithAnyThreeFaults() {
        return walks(runs(Senders.NEVER_RETRY, TWO, any(3)));
    }

    @TestFactory
    Stream<DynamicTest> nothingIsLostOfThreeEventsThatAreDeliveredOnceWithAnyFault() {
        return walks(runs(Senders.NEVER_RETRY, THREE, any(1)));
    }

    @TestFactory
    Stream<DynamicTest> nothingIsSentTwiceIfBothTheSenderAndTheFunctionRetryWithAnyTwoFaults() {
        return walks(runs(Senders.RETRY, TWO, any(2)));
    }

    /** Takes minutes and several GB; {@code .ci/run} runs it. */
    @Tag("exhaustive")
    @TestFactory
    Stream<DynamicTest> thePromisesHoldForMoreFaults() {
        return walks(Stream.of(
                        runs(Senders.RETRY_AND_NOTHING_IS_KEPT, TWO, any(5)),
                        runs(Senders.RETRY_AND_NOTHING_IS_KEPT, THREE, any(3)),
                        runs(Senders.NEVER_RETRY, THREE, any(2)),
                        runs(Senders.RETRY, TWO, any(3)))
                .flatMap(runs -> runs));
    }

    /** Each part of the protocol that is said to be needed is needed. */
    @ParameterizedTest(name = "without {0}")
    @EnumSource(value = Rules.class, mode = EnumSource.Mode.EXCLUDE, names = "PRODUCTION")
    void withoutOneOfItsPartsAPromiseBreaks(Rules mutilated) {
        Optional<String> broken = IntStream.rangeClosed(0, 5)
                .boxed()
                .flatMap(faults -> Stream.of(Senders.RETRY_AND_NOTHING_IS_KEPT, Senders.NEVER_RETRY)
                        .flatMap(senders -> runs(senders, TWO, any(faults))))
                .map(run -> violationOf(run, mutilated))
                .filter(violation -> !violation.isEmpty())
                .findFirst();

        LOG.infof(
                "%s breaks a promise: %s",
                mutilated, broken.orElse("none").lines().findFirst().orElseThrow());
        assertThat(broken).isPresent();
    }

    private static Stream<Run> runs(Senders senders, List<List<Level>> sequences, List<Bounds> bounds) {
        return bounds.stream().flatMap(faults -> sequences.stream().flatMap(levels -> Stream.of(Times.values())
                .filter(times -> times != Times.EQUAL || isEachMessageCounted(senders, levels))
                .map(times -> new Run(levels, times, senders, faults))));
    }

    /**
     * Among events of equal time, those of equal level are one event (contract §5a). Once other levels came in between,
     * the model does not know which of its arrivals a kept message stands for, nor whether it may be repeated.
     */
    private static boolean isEachMessageCounted(Senders senders, List<Level> levels) {
        return switch (senders) {
            case RETRY_AND_NOTHING_IS_KEPT -> true;
            case NEVER_RETRY ->
                levels.stream().distinct().count() == levels.size()
                        || levels.stream().distinct().count() == 1;
            case RETRY -> false;
        };
    }

    /** Returns the bounds that let {@code faults} kinds of fault happen once each. */
    private static List<Bounds> any(int faults) {
        return IntStream.range(0, 1 << 5)
                .filter(bits -> Integer.bitCount(bits) == faults)
                .mapToObj(bits ->
                        new Bounds(bits & 1, (bits >> 1) & 1, (bits >> 2) & 1, (bits >> 3) & 1, (bits >> 4) & 1))
                .toList();
    }

    /** Each run walks by itself, two at once. */
    private Stream<DynamicTest> walks(Stream<Run> runs) {
        return runs
                .map(run -> {
                    CompletableFuture<Void> walk = CompletableFuture.runAsync(() -> walk(run), walkers);
                    return dynamicTest(
                            run.levels() + ", times " + run.times() + ", senders " + run.senders() + ", "
                                    + run.bounds(),
                            () -> finished(walk));
                })
                .toList()
                .stream();
    }

    private static void walk(Run run) {
        Interleavings all = new Interleavings(run.levels(), run.times(), run.senders(), Rules.PRODUCTION, run.bounds());

        all.explore();

        LOG.debugf("%s: %d states, %d of them final", run, all.states(), all.finalStates());
        assertThat(all.finalStates()).isPositive();
    }

    private static void finished(CompletableFuture<Void> walk) throws Throwable {
        try {
            walk.get();
        } catch (ExecutionException failure) {
            throw failure.getCause();
        }
    }

    private static String violationOf(Run run, Rules rules) {
        try {
            new Interleavings(run.levels(), run.times(), run.senders(), rules, run.bounds()).explore();
            return "";
        } catch (Violation violation) {
            return violation.getMessage();
        }
    }
}
