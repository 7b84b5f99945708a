package io.hipchatalerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WakesTest {

    private static final Instant START = Instant.parse("2026-05-02T09:15:30Z");
    private static final Duration POLL = Duration.ofSeconds(30);

    /** A timer is never set to less, so that no mistake makes a hot loop. */
    private static final Duration SHORTEST = Duration.ofMillis(20);

    private final VirtualTime time = new VirtualTime(START);
    private final VirtualTimer timer = new VirtualTimer(time);
    private final List<Duration> runs = new ArrayList<>();
    private Runnable task = () -> {};
    private final Wakes wakes = new Wakes(this::run, time, timer);

    @Test
    void nothingRunsBeforeTheStart() {
        wakes.at(START);

        timer.pass(POLL.multipliedBy(3));

        assertThat(runs).isEmpty();
        assertThat(timer.count()).isZero();
    }

    @Test
    void theFirstRunIsAtOnceAndOneFollowsEverySoOften() {
        wakes.start(POLL);

        timer.pass(Duration.ofSeconds(100));

        assertThat(runs).hasSize(4);
        assertThat(runs.get(0)).isEqualTo(SHORTEST);
        for (int i = 1; i < 4; i++) {
            assertThat(runs.get(i).minus(runs.get(i - 1))).isBetween(POLL, POLL.plusMillis(1));
        }
    }

    @Test
    void aRunComesAtTheMomentThatItIsAskedForAndNotBefore() {
        startedAndRunOnce();

        wakes.at(START.plusSeconds(7));
        timer.pass(Duration.ofSeconds(10));

        assertThat(runs).containsExactly(Duration.ofMillis(7_001));
    }

    @Test
    void noMomentIsForgottenBecauseOfAnEarlierOne() {
        startedAndRunOnce();

        wakes.at(START.plusSeconds(9));
        wakes.at(START.plusSeconds(3));
        wakes.at(START.plusSeconds(5));
        timer.pass(Duration.ofSeconds(20));

        assertThat(runs).containsExactly(Duration.ofMillis(3_001), Duration.ofMillis(5_001), Duration.ofMillis(9_001));
    }

    @Test
    void aMomentThatIsPastMeansSoon() {
        startedAndRunOnce();
        timer.pass(Duration.ofSeconds(1));

        wakes.at(START.minusSeconds(60));
        timer.pass(Duration.ofSeconds(1));

        assertThat(runs).hasSize(1).first().isEqualTo(Duration.ofMillis(1_020).plus(SHORTEST));
    }

    @Test
    void aMomentThatNeverComesChangesNothing() {
        startedAndRunOnce();

        wakes.at(Instant.MAX);
        timer.pass(Duration.ofSeconds(31));

        assertThat(runs).hasSize(1);
    }

    @Test
    void aRunThatAsksForTheNextOneGetsIt() {
        task = () -> {
            if (runs.size() < 3) {
                wakes.at(time.instant());
            }
        };
        wakes.start(POLL);

        timer.pass(Duration.ofSeconds(10));

        assertThat(runs).containsExactly(SHORTEST, SHORTEST.multipliedBy(2), SHORTEST.multipliedBy(3));
    }

    @Test
    void runsDoNotOverlap() {
        task = () -> {
            task = () -> {};
            wakes.at(time.instant());
            // The timer goes off while the task runs.
            timer.pass(Duration.ofSeconds(5));
            assertThat(runs).hasSize(1);
        };
        wakes.start(POLL);

        timer.pass(Duration.ofSeconds(10));

        assertThat(runs).hasSize(2);
    }

    @Test
    void aRunThatFailsIsNotTheLastOne() {
        task = () -> {
            task = () -> {};
            throw new IllegalStateException("a bug");
        };
        wakes.start(POLL);

        assertThatThrownBy(() -> timer.pass(Duration.ofSeconds(1))).hasMessage("a bug");
        timer.pass(Duration.ofSeconds(31));

        assertThat(runs).hasSize(2);
    }

    @Test
    void nothingRunsAfterTheStop() {
        startedAndRunOnce();
        wakes.at(START.plusSeconds(1));

        wakes.stop();
        wakes.at(START);
        timer.pass(POLL.multipliedBy(3));

        assertThat(runs).isEmpty();
    }

    @Test
    void aStopDuringARunIsTheEnd() {
        task = wakes::stop;
        wakes.start(POLL);

        timer.pass(POLL.multipliedBy(3));

        assertThat(runs).hasSize(1);
    }

    private void startedAndRunOnce() {
        wakes.start(POLL);
        timer.pass(SHORTEST);
        assertThat(runs).hasSize(1);
        runs.clear();
    }

    private void run() {
        runs.add(Duration.between(START, time.instant()));
        task.run();
    }
}
