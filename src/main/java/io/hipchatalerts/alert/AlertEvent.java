package io.hipchatalerts.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The parts of an alert event that this program uses (K §5.1).
 *
 * @param id Kapacitor's alert id; may be empty
 * @param message the text for the room; empty only if the id is empty too
 * @param level the alert's current level
 * @param previousLevel the alert's level before, if the event contains it
 * @param time the event time
 * @param duration how long the alert has not been OK; zero if the event does not contain it
 * @param series the first series of the event's data
 * @param topic Kapacitor's topic, if the body contains it
 * @param options the body's options, if it has any
 */
public record AlertEvent(
        String id,
        String message,
        Level level,
        Optional<Level> previousLevel,
        Instant time,
        Duration duration,
        Series series,
        Optional<String> topic,
        Optional<RequestOptions> options) {

    /** Returns whether this is the empty event that Kapacitor's service test {@code httppost} posts (K §4.4). */
    public boolean isEmpty() {
        return id.isEmpty() && message.isEmpty();
    }
}
