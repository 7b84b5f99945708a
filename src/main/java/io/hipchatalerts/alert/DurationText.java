package io.hipchatalerts.alert;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations as Kapacitor's users write them: {@code 10m}, {@code 1h30m}. */
public final class DurationText {

    /** Describes the allowed durations in error texts. */
    public static final String ALLOWED = "a duration such as 10m or 1h30m (units ms s m h d w)";

    /** The units by name. */
    public static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1),
            "w", Duration.ofDays(7));

    private static final Pattern PART = Pattern.compile("0*([1-9]\\d{0,17})(ms|[smhdw])");

    private DurationText() {}

    /** Returns the duration that {@code text} names, or empty if it names none or zero. */
    public static Optional<Duration> parse(String text) {
        Duration sum = Duration.ZERO;
        int end = 0;
        Matcher part = PART.matcher(text);
        try {
            // Searching for the next part instead would take quadratic time with a million zeros.
            while (end < text.length() && part.region(end, text.length()).lookingAt()) {
                sum = sum.plus(UNITS.get(part.group(2)).multipliedBy(Long.parseLong(part.group(1))));
                end = part.end();
            }
            // Timers cannot take a duration of more milliseconds than a long holds.
            return end == text.length() && sum.toMillis() > 0 ? Optional.of(sum) : Optional.empty();
        } catch (ArithmeticException tooLong) {
            return Optional.empty();
        }
    }
}
