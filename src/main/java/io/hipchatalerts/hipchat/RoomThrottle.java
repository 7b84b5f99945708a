package io.hipchatalerts.hipchat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.hipchatalerts.alert.Token;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The rooms that HipChat is currently rate-limiting or not answering for, as far as this process knows. It saves other
 * deliveries a request that would fail.
 */
@ApplicationScoped
public class RoomThrottle {

    /**
     * The time for which a used-up limit counts for other deliveries. One of them tries again after it: a limit may end
     * early and a clock may be wrong, and neither may keep alerts from a room that accepts them.
     */
    static final Duration MAX_CLOSED = Duration.ofSeconds(1);

    /** The number of rooms that are remembered. A forgotten room costs one request. */
    private static final int MAX_ROOMS = 10_000;

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final int DOUBLINGS = 6;

    /** Spreads the tries of instances that know the same moment. */
    private static final long SPREAD_MILLIS = 500;

    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);

    /**
     * A room for which the last delivery failed.
     *
     * @param nextTry the moment of the next try
     * @param failures how many deliveries failed since the last success
     * @param isRateLimited whether the last answer was 429
     * @param isOnlyPending whether new events are sent all the same
     * @param isUnderTry whether a delivery makes the next try now; {@code nextTry} is its end at the latest
     */
    public record Unavailable(
            Instant nextTry, int failures, boolean isRateLimited, boolean isOnlyPending, boolean isUnderTry) {

        /** Failures of deliveries that began before the first of them ended are one step of the backoff. */
        private boolean isSameStep(Instant now) {
            return !isUnderTry && now.isBefore(nextTry);
        }
    }

    private final InstantSource clock;
    private final RandomGenerator random;
    private final Cache<Destination, Instant> closedUntil =
            Caffeine.newBuilder().maximumSize(MAX_ROOMS).build();
    private final Cache<Destination, Unavailable> unavailable =
            Caffeine.newBuilder().maximumSize(MAX_ROOMS).build();

    RoomThrottle(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** Records that {@code room} accepts nothing more from {@code token} until {@code moment}. */
    public void close(String room, Token token, Instant moment) {
        Instant latest = clock.instant().plus(MAX_CLOSED);
        Instant until = moment.isBefore(latest) ? moment : latest;
        closedUntil
                .asMap()
                .merge(new Destination(room, token), until, (one, other) -> one.isAfter(other) ? one : other);
    }

    /** Returns the moment until which the room accepts nothing; empty when it may accept a message now. */
    public Optional<Instant> closedUntil(String room, Token token) {
        return Optional.ofNullable(closedUntil.getIfPresent(new Destination(room, token)))
                .filter(clock.instant()::isBefore);
    }

    /**
     * Notes that a delivery to {@code room} failed. The next try is due after a backoff of 1 s that doubles to 1 min, with
     * full jitter, and never before the moment that HipChat named. A failure while the room is known to be unavailable
     * is part of the same step.
     *
     * @param retryAt the moment that HipChat named, if any
     * @param isRateLimited whether the last answer was 429
     * @param isOnlyPending whether only pending changes wait: HipChat refuses the room or the token, and each new event
     *     reports that itself
     * @return the moment of the next try
     */
    public Instant failed(
            String room, Token token, Optional<Instant> retryAt, boolean isRateLimited, boolean isOnlyPending) {
        return unavailable
                .asMap()
                .compute(new Destination(room, token), (same, before) -> {
                    Instant now = clock.instant();
                    boolean isSameStep = before != null && before.isSameStep(now);
                    int failures = before == null ? 1 : before.failures() + (isSameStep ? 0 : 1);
                    Duration cap = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
                    long longest = Math.min(cap.toMillis(), LONGEST_BACKOFF.toMillis());
                    Instant backoff = isSameStep ? before.nextTry() : now.plusMillis(random.nextLong(longest + 1));
                    Instant nextTry = retryAt.map(moment -> moment.plusMillis(random.nextLong(SPREAD_MILLIS)))
                            .filter(moment -> moment.isAfter(backoff))
                            .orElse(backoff);
                    return new Unavailable(nextTry, failures, isRateLimited, isOnlyPending, false);
                })
                .nextTry();
    }

    /**
     * Notes that HipChat accepted a message for {@code room}, or refused it.
     *
     * @return whether the room was known to be unavailable until now
     */
    public boolean answered(String room, Token token) {
        return unavailable.asMap().remove(new Destination(room, token)) != null;
    }

    /** Notes that HipChat refused {@code room} or {@code token} to a new event. Pending changes keep their backoff. */
    public void refused(String room, Token token) {
        unavailable
                .asMap()
                .computeIfPresent(new Destination(room, token), (same, known) -> known.isOnlyPending() ? known : null);
    }

    /**
     * Lets one delivery make the next try for a room that failed, if that is due. The room stays unavailable for the
     * others until the try ends by {@link #failed}, {@link #answered} or {@link #endNextTry}.
     *
     * @param longest how long the try may take
     * @return whether the caller makes it; false also when the room did not fail
     */
    public boolean beginNextTry(String room, Token token, Duration longest) {
        Instant now = clock.instant();
        boolean[] begins = {false};
        unavailable.asMap().computeIfPresent(new Destination(room, token), (same, known) -> {
            begins[0] = !known.isOnlyPending() && !now.isBefore(known.nextTry());
            return begins[0]
                    ? new Unavailable(now.plus(longest), known.failures(), known.isRateLimited(), false, true)
                    : known;
        });
        return begins[0];
    }

    /** Ends a try without a request: the next delivery may try at once. */
    public void endNextTry(String room, Token token) {
        unavailable
                .asMap()
                .computeIfPresent(
                        new Destination(room, token),
                        (same, known) -> known.isUnderTry()
                                ? new Unavailable(
                                        clock.instant(), known.failures(), known.isRateLimited(), false, false)
                                : known);
    }

    /** Returns the failure of a room whose next try is not due yet; empty when the next event may try. */
    public Optional<Unavailable> unavailable(String room, Token token) {
        return Optional.ofNullable(unavailable.getIfPresent(new Destination(room, token)))
                .filter(known -> clock.instant().isBefore(known.nextTry()));
    }

    /** Returns the number of remembered rooms, closed or open again. */
    long size() {
        closedUntil.cleanUp();
        return closedUntil.estimatedSize();
    }
}
