package io.hipchatalerts.bench.run;

import java.time.Duration;
import java.util.List;

/**
 * How much of everything. Count and time are both bounded, so that a slow machine ends in time too.
 *
 * @param starts starts of each variant
 * @param warmUp time for each load before it is measured
 * @param rounds rounds of each load
 * @param slice length of a round's load
 * @param steady length of the steady load
 * @param alerts numbers of alerts after which memory is measured
 * @param limit the longest time for these alerts
 * @param stored numbers of alerts that Redis remembers
 * @param storedSteady length of the steady load on both stores
 * @param lives lives of each variant
 * @param firstAlerts alerts at the beginning of a life
 * @param settling time that a start gets before its memory is measured
 */
record Effort(
        int starts,
        Duration warmUp,
        int rounds,
        Duration slice,
        Duration steady,
        List<Integer> alerts,
        Duration limit,
        List<Integer> stored,
        Duration storedSteady,
        int lives,
        int firstAlerts,
        Duration settling) {

    /** The alerts of a training life, which makes a JDK write an AOT cache. */
    static final int TRAINING = 500;

    /** The longest time to end after it, with a cache to write. */
    static final Duration TRAINED = Duration.ofMinutes(5);

    /** The longest time to fill a store; a store that is not full by then counts as a mistake. */
    static final Duration FILLING = Duration.ofMinutes(15);

    static final Effort FULL = new Effort(
            10,
            Duration.ofSeconds(8),
            5,
            Duration.ofSeconds(1),
            Duration.ofSeconds(20),
            List.of(1_000, 10_000, 100_000),
            Duration.ofSeconds(100),
            List.of(1_000, 100_000, 1_000_000),
            Duration.ofSeconds(4),
            3,
            10_000,
            Duration.ofSeconds(1));

    static final Effort QUICK = new Effort(
            2,
            Duration.ofMillis(500),
            1,
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            List.of(1_000, 2_000),
            Duration.ofSeconds(10),
            List.of(1_000, 10_000),
            Duration.ofSeconds(1),
            1,
            2_500,
            Duration.ofMillis(200));
}
