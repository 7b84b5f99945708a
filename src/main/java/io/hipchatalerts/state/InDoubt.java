package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;
import java.time.Instant;
import java.util.Optional;

/**
 * A request that ended without a clear answer. HipChat may still accept it, so no other level may be sent before
 * {@code until} (contract §5, promise 5).
 *
 * @param level the level of the request; empty when requests of several levels are in doubt
 * @param until the moment after which HipChat accepts none of them
 */
public record InDoubt(Optional<Level> level, Instant until) {

    /** Makes the doubt about one request. */
    InDoubt(Level level, Instant until) {
        this(Optional.of(level), until);
    }

    /** Returns whether a message of level {@code other} must wait at {@code now}. */
    boolean blocks(Level other, Instant now) {
        return now.isBefore(until) && !level.equals(Optional.of(other));
    }

    /** Returns one doubt that covers both. */
    InDoubt and(InDoubt other) {
        return new InDoubt(
                level.equals(other.level) ? level : Optional.empty(), until.isAfter(other.until) ? until : other.until);
    }
}
