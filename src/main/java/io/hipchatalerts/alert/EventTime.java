package io.hipchatalerts.alert;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads RFC 3339 times. Java's own parsers reject offsets above 18 hours and accept times that RFC 3339 does not allow
 * (without seconds, hour 24).
 */
public final class EventTime {

    private static final Pattern RFC_3339 = Pattern.compile(
            "(\\d{4}-\\d\\d-\\d\\d)[Tt ](\\d\\d:\\d\\d):(\\d\\d)(\\.\\d{1,9})?(?:[Zz]|([+-])(\\d\\d):(\\d\\d))?");

    private EventTime() {}

    /** Returns the moment that {@code text} names, or empty if it names none. Without an offset it is UTC. */
    public static Optional<Instant> parse(String text) {
        Matcher parts = RFC_3339.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        // Java's clock has no leap seconds: this one, at the end of a month, becomes the next second.
        boolean leap = parts.group(3).equals("60");
        String local = parts.group(1) + "T" + parts.group(2) + ":" + (leap ? "59" : parts.group(3))
                + (parts.group(4) == null ? "" : parts.group(4));
        try {
            return offset(parts)
                    .map(offset -> LocalDateTime.parse(local).minus(offset).plusSeconds(leap ? 1 : 0))
                    .filter(utc -> !leap
                            || (utc.getDayOfMonth() == 1 && utc.toLocalTime().toSecondOfDay() == 0))
                    .map(utc -> utc.toInstant(ZoneOffset.UTC));
        } catch (DateTimeException notADate) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> offset(Matcher parts) {
        if (parts.group(5) == null) {
            return Optional.of(Duration.ZERO);
        }
        int hours = Integer.parseInt(parts.group(6));
        int minutes = Integer.parseInt(parts.group(7));
        if (hours > 23 || minutes > 59) {
            return Optional.empty();
        }
        Duration offset = Duration.ofHours(hours).plusMinutes(minutes);
        return Optional.of(parts.group(5).equals("-") ? offset.negated() : offset);
    }
}
