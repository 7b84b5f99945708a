package io.hipchatalerts.hipchat;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Reads from an answer's headers when HipChat, or something before it, will listen again (K §7.6). */
final class RateLimit {

    /** HipChat's windows last one and five minutes; a reset further off is some other unit, or a broken clock. */
    private static final Duration LONGEST_WINDOW = Duration.ofDays(1);

    private RateLimit() {}

    /**
     * The moment before which no further try makes sense; empty when the answer names none that is still to come.
     *
     * @param header gives a header's value or null
     * @param now the time of the answer
     */
    static Optional<Instant> notBefore(UnaryOperator<String> header, Instant now) {
        return Stream.of(
                        retryAfter(header.apply("Retry-After"), now),
                        reset(header, "X-FloodControl", now),
                        reset(header, "X-Ratelimit", now))
                .flatMap(Optional::stream)
                .filter(now::isBefore)
                .max(Instant::compareTo);
    }

    /** Seconds or an HTTP date (RFC 9110 §10.2.3). */
    private static Optional<Instant> retryAfter(String value, Instant now) {
        if (value == null) {
            return Optional.empty();
        }
        Optional<Long> seconds = number(value);
        if (seconds.isPresent()) {
            return seconds.filter(s -> s >= 0).map(now::plusSeconds);
        }
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value.trim(), Instant::from));
        } catch (DateTimeParseException noDate) {
            return Optional.empty();
        }
    }

    /** Unix seconds; they say nothing while some of the limit remains. */
    private static Optional<Instant> reset(UnaryOperator<String> header, String limit, Instant now) {
        if (number(header.apply(limit + "-Remaining")).filter(left -> left > 0).isPresent()) {
            return Optional.empty();
        }
        return number(header.apply(limit + "-Reset"))
                .map(Instant::ofEpochSecond)
                .filter(reset -> reset.isBefore(now.plus(LONGEST_WINDOW)));
    }

    private static Optional<Long> number(String value) {
        // Ten digits hold every Unix second until 2286, and no sum of them overflows an Instant.
        return value != null && value.trim().matches("-?\\d{1,10}")
                ? Optional.of(Long.parseLong(value.trim()))
                : Optional.empty();
    }
}
