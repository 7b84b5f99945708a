package io.hipchatalerts;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/** Logs a frequent event: at most one line a minute, with the number of occurrences since the last line. */
final class FloodLog {

    private static final Logger LOG = Logger.getLogger(FloodLog.class);
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final InstantSource clock;
    private Instant quietUntil = Instant.MIN;
    private long occurrences;

    FloodLog(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void warn(String text) {
        occurrences++;
        Instant now = clock.instant();
        if (!now.isBefore(quietUntil)) {
            LOG.warnf("%s (number of times since the last such line: %d)", text, occurrences);
            occurrences = 0;
            quietUntil = now.plus(QUIET);
        }
    }
}
