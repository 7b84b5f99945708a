package io.hipchatalerts.hipchat;

import static io.hipchatalerts.time.Durations.shorter;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Exponential backoff with full jitter: any time between nothing and a cap that doubles. */
final class Backoff {

    private static final long FIRST_CAP_MILLIS = 200;
    private static final long LAST_CAP_MILLIS = 5_000;
    private static final int CAP_REACHED = 5;

    private Backoff() {}

    /**
     * The wait after a failed try.
     *
     * @param attempts how many there were, at least one
     * @param spare how much time there is for waiting; not negative
     */
    static Duration after(int attempts, Duration spare, RandomGenerator chance) {
        long cap = Math.min(LAST_CAP_MILLIS, FIRST_CAP_MILLIS << Math.min(attempts - 1, CAP_REACHED));
        return upTo(cap, spare, chance);
    }

    /**
     * The wait of one of many that all know the same moment: so far apart that the answers to the first show the rest
     * whether there is any use in asking.
     */
    static Duration amongMany(Duration spare, RandomGenerator chance) {
        return upTo(LAST_CAP_MILLIS, spare, chance);
    }

    private static Duration upTo(long cap, Duration spare, RandomGenerator chance) {
        Duration wait = Duration.ofMillis(chance.nextLong(cap + 1));
        // Cut off rather than drawn from what is left: that would end in a burst of ever shorter waits.
        return shorter(wait, spare);
    }
}
