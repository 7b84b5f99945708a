package io.hipchatalerts.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One alert event, as far as it matters here (K §5.1).
 *
 * @param id Kapacitor's alert id; may be empty
 * @param message what the room is to read; empty only when the id is empty too
 * @param level the level that the alert has now
 * @param previousLevel the level it had before, if the event says so
 * @param time when Kapacitor saw it, in event time
 * @param duration how long the alert has been in a level other than OK; zero when the event does not say
 * @param series the first series of its data
 * @param topic Kapacitor's topic, if the body names one
 * @param options the body's own options; empty when it has none
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

    /** Whether this is the zero event that {@code kapacitor service-tests httppost} posts (K §4.4). */
    public boolean isEmpty() {
        return id.isEmpty() && message.isEmpty();
    }
}
