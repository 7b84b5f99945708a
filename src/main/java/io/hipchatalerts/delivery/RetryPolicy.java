package io.hipchatalerts.delivery;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides whether and when a delivery tries again: exponential backoff with full jitter, never before the moment that
 * HipChat named (contract §6). No library does this, because the wait depends on the last answer's headers and on the
 * deadline that all steps of the event share (decision 1).
 */
final class RetryPolicy {

    /** The shortest useful try. A shorter one would probably end in doubt, which is worse than no try. */
    static final Duration SHORTEST_TRY = Duration.ofMillis(200);

    private static final long FIRST_CAP_MILLIS = 200;
    private static final long LAST_CAP_MILLIS = 5_000;
    private static final int DOUBLINGS = 5;

    private final RandomGenerator random;

    RetryPolicy(RandomGenerator random) {
        this.random = random;
    }

    /**
     * The next step after a try.
     *
     * @param isRetried whether there is time for another try
     * @param pause the time until that try; if there is none, the time that the sender should wait
     */
    record Next(boolean isRetried, Duration pause) {}

    /**
     * Decides the step after a try.
     *
     * @param result the result of the try
     * @param attempts the number of requests so far, zero or more
     * @param isAsked whether this delivery made a request; if not, all deliveries of the room know the same moment and
     *     must spread out
     * @param now the time
     * @param left the time that the delivery has left
     */
    Next after(SendResult result, int attempts, boolean isAsked, Instant now, Duration left) {
        if (result instanceof SendResult.Accepted || result instanceof SendResult.Rejected) {
            return new Next(false, Duration.ZERO);
        }
        Optional<Duration> silence = result.retryAt()
                .map(moment -> Duration.between(now, moment))
                .filter(wait -> !wait.isNegative() && !wait.isZero());
        Duration spare = left.minus(silence.orElse(Duration.ZERO)).minus(SHORTEST_TRY);
        boolean isRetried = !spare.isNegative() && !spare.isZero();
        if (!isRetried && silence.isEmpty()) {
            return new Next(false, Problem.RETRY_AFTER);
        }
        Duration jitter = Duration.ofMillis(random.nextLong(cap(attempts, isAsked, isRetried) + 1));
        if (!isRetried) {
            return new Next(false, silence.orElseThrow().plus(jitter));
        }
        // The jitter is cut, not drawn from the time left: that would end in a burst of shorter and shorter waits.
        return new Next(true, silence.orElse(Duration.ZERO).plus(shorter(jitter, spare)));
    }

    private static long cap(int attempts, boolean isAsked, boolean isRetried) {
        if (!isAsked) {
            return LAST_CAP_MILLIS;
        }
        if (!isRetried) {
            return 0;
        }
        return Math.min(LAST_CAP_MILLIS, FIRST_CAP_MILLIS << Math.min(Math.max(0, attempts - 1), DOUBLINGS));
    }
}
