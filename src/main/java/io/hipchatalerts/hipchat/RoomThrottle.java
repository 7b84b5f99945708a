package io.hipchatalerts.hipchat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.hipchatalerts.alert.Token;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The rooms that HipChat is currently rate-limiting, as far as this process knows. One answer spares all other
 * deliveries of the process a request that would be refused.
 */
@ApplicationScoped
public class RoomThrottle {

    /**
     * How long one answer counts for other deliveries. One of them tries again after it: a limit may be lifted early and
     * a clock may be wrong, and neither must keep alerts from a room that would take them.
     */
    static final Duration MAX_CLOSED = Duration.ofSeconds(1);

    /** A forgotten room costs one request that is answered with 429. */
    private static final int MAX_ROOMS = 10_000;

    /** One limit is the room's, the other the token's; the pair covers both. */
    private record Address(String room, Token token) {}

    private final InstantSource clock;
    private final Cache<Address, Instant> closedUntil =
            Caffeine.newBuilder().maximumSize(MAX_ROOMS).build();

    RoomThrottle(InstantSource clock) {
        this.clock = clock;
    }

    /** Notes that {@code room} takes nothing more from {@code token} until {@code moment}. */
    public void close(String room, Token token, Instant moment) {
        Instant latest = clock.instant().plus(MAX_CLOSED);
        Instant until = moment.isBefore(latest) ? moment : latest;
        closedUntil.asMap().merge(new Address(room, token), until, (one, other) -> one.isAfter(other) ? one : other);
    }

    /** Returns the moment until which the room takes nothing; empty when it may take a message now. */
    public Optional<Instant> closedUntil(String room, Token token) {
        return Optional.ofNullable(closedUntil.getIfPresent(new Address(room, token)))
                .filter(clock.instant()::isBefore);
    }

    /** Returns how many rooms are remembered, closed or open again. */
    long size() {
        closedUntil.cleanUp();
        return closedUntil.estimatedSize();
    }
}
