package io.hipchatalerts.hipchat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.hipchatalerts.alert.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * For which rooms HipChat has just said that it takes no more until a certain moment. One delivery's answer spares all
 * others of this process the question, for a second; other processes get an answer of their own.
 */
final class QuietRooms {

    /**
     * How long one answer speaks for others. Then one of them asks again: a limit may be lifted early and a clock may be
     * wrong, and neither must keep alerts from a room that would take them.
     */
    static final Duration LONGEST = Duration.ofSeconds(1);

    /** A forgotten room costs one request that is answered with 429. */
    private static final int MOST = 10_000;

    /** One limit is the room's, the other the token's; together they tell both apart. */
    private record Address(String room, Token token) {}

    private final InstantSource clock;
    private final Cache<Address, Instant> quietUntil =
            Caffeine.newBuilder().maximumSize(MOST).build();

    QuietRooms(InstantSource clock) {
        this.clock = clock;
    }

    /** Takes in that {@code room} takes nothing more from {@code token} until {@code moment}. */
    void heard(String room, Token token, Instant moment) {
        Instant latest = clock.instant().plus(LONGEST);
        Instant until = moment.isBefore(latest) ? moment : latest;
        quietUntil.asMap().merge(new Address(room, token), until, (one, other) -> one.isAfter(other) ? one : other);
    }

    /** Until when there is no use in asking; empty when there may be. */
    Optional<Instant> until(String room, Token token) {
        return Optional.ofNullable(quietUntil.getIfPresent(new Address(room, token)))
                .filter(clock.instant()::isBefore);
    }

    /** How many rooms are remembered, quiet or not any more. */
    long size() {
        quietUntil.cleanUp();
        return quietUntil.estimatedSize();
    }
}
