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

    /** One limit belongs to the room, the other to the token; the pair covers both. */
    private record Address(String room, Token token) {}

    /**
     * A room for which the last delivery failed.
     *
     * @param nextTry the moment of the next try
     * @param failures how many deliveries failed since the last success
     * @param isRateLimited whether the last answer was 429
     * @param isOnlyPending whether only pending changes wait and new events are still sent
     */
    public record Unavailable(Instant nextTry, int failures, boolean isRateLimited, boolean isOnlyPending) {}

    private final InstantSource clock;
    private final RandomGenerator random;
    private final Cache<Address, Instant> closedUntil =
            Caffeine.newBuilder().maximumSize(MAX_ROOMS).build();
    private final Cache<Address, Unavailable> unavailable =
            Caffeine.newBuilder().maximumSize(MAX_ROOMS).build();

    RoomThrottle(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** Records that {@code room} accepts nothing more from {@code token} until {@code moment}. */
    public void close(String room, Token token, Instant moment) {
        Instant latest = clock.instant().plus(MAX_CLOSED);
        Instant until = moment.isBefore(latest) ? moment : latest;
        closedUntil.asMap().merge(new Address(room, token), until, (one, other) -> one.isAfter(other) ? one : other);
    }

    /** Returns the moment until which the room accepts nothing; empty when it may accept a message now. */
    public Optional<Instant> closedUntil(String room, Token token) {
        return Optional.ofNullable(closedUntil.getIfPresent(new Address(room, token)))
                .filter(clock.instant()::isBefore);
    }

    /**
     * Records that a delivery to {@code room} failed. The next try is due after a backoff that starts at 1 s and
     * doubles up to 1 min, with full jitter, and never before the moment that HipChat named (contract §5a).
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
                .compute(new Address(room, token), (address, before) -> {
                    int failures = before == null ? 1 : before.failures() + 1;
                    Duration cap = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
                    long longest = Math.min(cap.toMillis(), LONGEST_BACKOFF.toMillis());
                    Instant now = clock.instant();
                    Instant backoff = now.plusMillis(random.nextLong(longest + 1));
                    Instant nextTry = retryAt.map(moment -> moment.plusMillis(random.nextLong(SPREAD_MILLIS)))
                            .filter(moment -> moment.isAfter(backoff))
                            .orElse(backoff);
                    return new Unavailable(nextTry, failures, isRateLimited, isOnlyPending);
                })
                .nextTry();
    }

    /** Records that HipChat accepted or refused a message for {@code room}. This ends the backoff. */
    public void answered(String room, Token token) {
        unavailable.invalidate(new Address(room, token));
    }

    /** Returns the failure of a room whose next try is not due yet; empty when the next event may try. */
    public Optional<Unavailable> unavailable(String room, Token token) {
        return Optional.ofNullable(unavailable.getIfPresent(new Address(room, token)))
                .filter(known -> clock.instant().isBefore(known.nextTry()));
    }

    /** Returns the number of remembered rooms, closed or open again. */
    long size() {
        closedUntil.cleanUp();
        return closedUntil.estimatedSize();
    }
}
