package io.hipchatalerts.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The moment by which one event must be answered. It is read off the same clock as the holds in the state store, so
 * that "before the deadline" and "before the hold ends" can be compared.
 *
 * @param end the moment itself
 * @param clock tells the time that is left
 */
public record Deadline(Instant end, InstantSource clock) {

    /** The deadline that lies {@code length} from now. */
    public static Deadline in(Duration length, InstantSource clock) {
        return new Deadline(clock.instant().plus(length), clock);
    }

    /** This deadline, brought forward by {@code length}: what is left keeps room for one more step. */
    public Deadline lessThan(Duration length) {
        return new Deadline(end.minus(length), clock);
    }

    /** The time that is left, never negative. */
    public Duration left() {
        Duration left = Duration.between(clock.instant(), end);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Whether nothing is left. */
    public boolean passed() {
        return left().isZero();
    }
}
