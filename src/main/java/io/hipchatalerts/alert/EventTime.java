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
 * Reads event times: RFC 3339, and the form in which Go writes a time by default, as {@code {{ .Time }}} in one of
 * Kapacitor's templates does (contract §3). Java's own parsers reject offsets above 18 hours and accept times that
 * RFC 3339 does not allow (without seconds, hour 24).
 */
public final class EventTime {

    private static final String DATE = "(?<date>\\d{4}-\\d\\d-\\d\\d)";
    private static final String CLOCK = "(?<minute>\\d\\d:\\d\\d):(?<second>\\d\\d)(?<fraction>\\.\\d{1,9})?";

    private static final Pattern RFC_3339 =
            Pattern.compile(DATE + "[Tt ]" + CLOCK + "(?:[Zz]|(?<sign>[+-])(?<hours>\\d\\d):(?<minutes>\\d\\d))?");

    /**
     * Go's {@code 2006-01-02 15:04:05.999999999 -0700 MST}. The abbreviation of a zone without a name is its offset. A
     * time that Go took from the clock ends with the reading of the monotonic clock.
     */
    private static final Pattern GO = Pattern.compile(DATE + " " + CLOCK
            + " (?<sign>[+-])(?<hours>\\d\\d)(?<minutes>\\d\\d) [+-]?[A-Za-z0-9]+(?: m=[+-]\\d+\\.\\d{1,9})?");

    private EventTime() {}

    /** Returns the moment that {@code text} names in one of the two forms, or empty. Without an offset it is UTC. */
    public static Optional<Instant> parse(String text) {
        return parseRfc3339(text).or(() -> parse(text, GO));
    }

    /** Returns the moment that {@code text} names in RFC 3339, or empty. Without an offset it is UTC. */
    public static Optional<Instant> parseRfc3339(String text) {
        return parse(text, RFC_3339);
    }

    private static Optional<Instant> parse(String text, Pattern form) {
        Matcher parts = form.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        // Java's clock has no leap seconds: this one, at the end of a month, becomes the next second.
        boolean leap = parts.group("second").equals("60");
        String local = parts.group("date") + "T" + parts.group("minute") + ":"
                + (leap ? "59" : parts.group("second"))
                + (parts.group("fraction") == null ? "" : parts.group("fraction"));
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
        if (parts.group("sign") == null) {
            return Optional.of(Duration.ZERO);
        }
        int hours = Integer.parseInt(parts.group("hours"));
        int minutes = Integer.parseInt(parts.group("minutes"));
        if (hours > 23 || minutes > 59) {
            return Optional.empty();
        }
        Duration offset = Duration.ofHours(hours).plusMinutes(minutes);
        return Optional.of(parts.group("sign").equals("-") ? offset.negated() : offset);
    }
}
