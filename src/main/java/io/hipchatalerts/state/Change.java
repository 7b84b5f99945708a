package io.hipchatalerts.state;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.routing.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The part of an event that decides whether it is news.
 *
 * @param level the level now
 * @param previousLevel the level before, according to Kapacitor; it may be wrong after restarts and gaps (K §2.4)
 * @param time the event time
 * @param interval the event time after which an unchanged level is sent again; empty for never
 */
public record Change(Level level, Optional<Level> previousLevel, Instant time, Optional<Duration> interval) {

    /** Returns the change that {@code event} reports, with the delivery's interval. */
    public static Change of(AlertEvent event, Delivery delivery) {
        return new Change(
                event.level(),
                event.previousLevel(),
                event.time(),
                delivery.stateChangesOnly().interval());
    }

    /** Returns whether the event itself reports a change; this decides when the state store is unavailable. */
    public boolean isChangeByItself() {
        return previousLevel.map(previous -> previous != level).orElse(true);
    }

    /** Returns whether both are the same event: equal time and level (contract §5a). */
    boolean isSameEvent(Change other) {
        return level == other.level && time.equals(other.time);
    }
}
