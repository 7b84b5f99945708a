package io.hipchatalerts.match;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.Series;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Events for tests of matches. */
final class Events {

    /** Critical for six minutes after a warning, on {@code serverA} in {@code eu}. */
    static final AlertEvent CRITICAL = event(
            Level.CRITICAL,
            Optional.of(Level.WARNING),
            Duration.ofMinutes(6),
            new Series("cpu", Map.of("host", "serverA", "data center", "eu", "say \"hi\"", "yes")));

    /** An event with only a level. */
    static final AlertEvent BARE = event(Level.INFO, Optional.empty(), Duration.ZERO, Series.NONE);

    private Events() {}

    static AlertEvent event(Level level, Optional<Level> previous, Duration duration, Series series) {
        return new AlertEvent(
                "id", "m", level, previous, Instant.EPOCH, duration, series, Optional.empty(), Optional.empty());
    }
}
