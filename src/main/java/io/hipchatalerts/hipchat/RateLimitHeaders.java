package io.hipchatalerts.hipchat;

import static io.hipchatalerts.time.Durations.shorter;

import io.netty.handler.codec.DateFormatter;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads from an answer's headers the moment from which HipChat, or a proxy in front of it, accepts messages again
 * (K §7.6). The headers name moments of HipChat's clock; the {@code Date} header shows its difference from ours.
 */
final class RateLimitHeaders {

    /** The limit of the room, then the limit of the token. */
    private static final List<String> LIMITS = List.of("X-FloodControl", "X-Ratelimit");

    /**
     * HipChat's windows last one and five minutes (K §7.6). A later reset has another unit or comes from a wrong clock.
     * The second is for rounding: the headers name whole seconds.
     */
    private static final Duration LONGEST_WINDOW = Duration.ofMinutes(5).plusSeconds(1);

    /** A {@code Retry-After} beyond this has another unit or comes from a wrong clock. */
    private static final Duration LONGEST = Duration.ofDays(1);

    /** A number with more digits is beyond every Instant. */
    private static final Pattern NUMBER = Pattern.compile("(-?\\d{1,15})(\\.\\d+)?");

    private RateLimitHeaders() {}

    /**
     * Returns the moment before which no further try makes sense; empty when the answer names no future moment. The
     * latest of several moments counts, also when one header appears twice.
     *
     * @param header returns the values of a header, zero or more
     * @param now the time of the answer
     */
    static Optional<Instant> retryAt(Function<String, List<String>> header, Instant now) {
        Instant hipChatNow = hipChatNow(header, now);
        Stream<Optional<Instant>> retryAfter =
                header.apply("Retry-After").stream().map(value -> retryAfter(value, hipChatNow));
        Stream<Optional<Instant>> resets = LIMITS.stream()
                .filter(limit -> remaining(header, limit).noneMatch(left -> left > 0))
                .flatMap(limit -> resets(header, limit, hipChatNow));
        return latest(Stream.concat(retryAfter, resets), hipChatNow, now);
    }

    /**
     * Returns the moment before which other deliveries need not try either: the reset of a limit of which nothing
     * remains. An answer that accepts a message can name it too. {@code Retry-After} applies to this request only.
     */
    static Optional<Instant> usedUpUntil(Function<String, List<String>> header, Instant now) {
        Instant hipChatNow = hipChatNow(header, now);
        Stream<Optional<Instant>> resets = LIMITS.stream()
                .filter(limit -> remaining(header, limit).findAny().isPresent())
                .filter(limit -> remaining(header, limit).noneMatch(left -> left > 0))
                .flatMap(limit -> resets(header, limit, hipChatNow));
        return latest(resets, hipChatNow, now);
    }

    private static Instant hipChatNow(Function<String, List<String>> header, Instant now) {
        return header.apply("Date").stream()
                .findFirst()
                .flatMap(RateLimitHeaders::date)
                .map(Date::toInstant)
                .orElse(now);
    }

    /** Returns the latest future moment, converted from HipChat's clock to ours. */
    private static Optional<Instant> latest(Stream<Optional<Instant>> moments, Instant hipChatNow, Instant now) {
        return moments.flatMap(Optional::stream)
                .filter(hipChatNow::isBefore)
                .max(Instant::compareTo)
                .map(moment -> now.plus(shorter(Duration.between(hipChatNow, moment), LONGEST)));
    }

    /** Reads seconds, or an HTTP date in one of its three forms (RFC 9110 §5.6.7, §10.2.3). */
    private static Optional<Instant> retryAfter(String value, Instant now) {
        Optional<Long> seconds = number(value);
        return seconds.isPresent()
                ? seconds.filter(s -> s >= 0).map(now::plusSeconds)
                : date(value).map(Date::toInstant);
    }

    private static Optional<Date> date(String value) {
        try {
            return Optional.ofNullable(DateFormatter.parseHttpDate(value));
        } catch (IllegalArgumentException muchTooLong) {
            return Optional.empty();
        }
    }

    /** Reads the resets of a limit, in Unix seconds. They mean nothing while some of the limit remains. */
    private static Stream<Optional<Instant>> resets(Function<String, List<String>> header, String limit, Instant now) {
        return header.apply(limit + "-Reset").stream().map(reset -> number(reset)
                .map(Instant::ofEpochSecond)
                .filter(moment -> !moment.isAfter(now.plus(LONGEST_WINDOW))));
    }

    private static Stream<Long> remaining(Function<String, List<String>> header, String limit) {
        return header.apply(limit + "-Remaining").stream()
                .map(RateLimitHeaders::number)
                .flatMap(Optional::stream);
    }

    /** Reads a whole number. A fraction, which is not expected, is rounded up so that no wait ends early. */
    private static Optional<Long> number(String value) {
        Matcher digits = NUMBER.matcher(value.trim());
        return digits.matches()
                ? Optional.of(Long.parseLong(digits.group(1)) + (digits.group(2) == null ? 0 : 1))
                : Optional.empty();
    }
}
