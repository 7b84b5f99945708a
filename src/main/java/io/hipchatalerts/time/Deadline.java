package io.hipchatalerts.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The moment by which one event must be answered. Leases in the state store use the same clock, so that a deadline and
 * the end of a lease can be compared.
 *
 * @param end the moment
 * @param clock the clock that {@link #left()} reads
 */
public record Deadline(Instant end, InstantSource clock) {

    /** Returns a deadline that lies {@code length} from now. */
    public static Deadline in(Duration length, InstantSource clock) {
        return new Deadline(clock.instant().plus(length), clock);
    }

    /** Returns a deadline that ends earlier by {@code length}, so that time remains for one more step. */
    public Deadline lessThan(Duration length) {
        return new Deadline(end.minus(length), clock);
    }

    /** Returns the time that is left, never negative. */
    public Duration left() {
        Duration left = Duration.between(clock.instant(), end);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Returns whether no time is left. */
    public boolean passed() {
        return left().isZero();
    }
}
