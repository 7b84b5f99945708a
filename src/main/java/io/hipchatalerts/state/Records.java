package io.hipchatalerts.state;

import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.Versioned;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The records in a store, with what each write needs besides: a version of its own and a time to live. */
record Records(StateStore store, Duration ttl, InstantSource clock, RandomGenerator random) {

    Optional<Versioned> load(String key) {
        return store.load(key);
    }

    /** Returns {@code state} with a new version. */
    Versioned versioned(AlertState state) {
        return new Versioned(state, random.nextLong());
    }

    /** Stores {@code next} if {@code expected} is still there. See {@link StateStore#compareAndSet}. */
    boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next) {
        AlertState state = next.state();
        Instant now = clock.instant();
        // However short the configured time is, a record outlives its lease and its doubt, and an event that waits.
        Instant end = Stream.of(
                        Optional.of(now.plus(ttl)),
                        state.lease().map(Lease::until),
                        state.inDoubt().map(InDoubt::until),
                        state.pending().map(waiting -> waiting.due().plus(ttl)))
                .flatMap(Optional::stream)
                .max(Instant::compareTo)
                .orElseThrow();
        return store.compareAndSet(key, expected, next, Duration.between(now, end));
    }
}
