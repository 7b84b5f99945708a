package io.hipchatalerts.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Alert events of which a test names only the parts that it is about. */
public final class TestEvents {

    private TestEvents() {}

    /** Returns an event without duration, series, topic and options. */
    public static AlertEvent event(
            String id, String message, Level level, Optional<Level> previousLevel, Instant time) {
        return new AlertEvent(
                id,
                message,
                level,
                previousLevel,
                time,
                Duration.ZERO,
                Series.NONE,
                Optional.empty(),
                Optional.empty());
    }
}
