package io.hipchatalerts.state;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The part of an event that the protocol looks at.
 *
 * @param level the level now
 * @param previousLevel Kapacitor's word on the level before, which restarts and gaps make wrong at times (K §2.4)
 * @param time event time
 * @param arrival which one it was of the events of that time, if it was taken into account before; 0 if it comes only now
 * @param interval after which an unchanged level is told again
 */
public record Change(
        Level level, Optional<Level> previousLevel, Instant time, int arrival, Optional<Duration> interval) {

    /** The part of {@code event} that counts, with its arrival and the delivery's interval. */
    public static Change of(AlertEvent event, int arrival, Optional<Duration> interval) {
        return new Change(event.level(), event.previousLevel(), event.time(), arrival, interval);
    }

    /** Whether the event itself tells of a change, for want of anything better to go by. */
    public boolean saysItChanged() {
        return previousLevel.map(previous -> previous != level).orElse(true);
    }
}
