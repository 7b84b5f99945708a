package io.hipchatalerts.state;

import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.Versioned;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The records in a store, with what each write needs besides: a version of its own, a time to live, and an entry in the
 * index for its pending change.
 *
 * @param ttl how long a record is remembered after its last write
 * @param maxAge how long a pending change is kept
 */
record Records(StateStore store, Duration ttl, Duration maxAge, InstantSource clock, RandomGenerator random) {

    /** A pending change is given up a little later than its age allows, never earlier. */
    private static final Duration MAX_AGE_MARGIN = Duration.ofHours(1);

    Optional<Versioned> load(String key) {
        return store.load(key);
    }

    /** Returns {@code state} with a new version. */
    Versioned versioned(AlertState state) {
        return new Versioned(state, random.nextLong());
    }

    /**
     * Stores {@code next} if {@code expected} is still there. See {@link StateStore#compareAndSet}. The index comes first:
     * an entry without a record is removed by the next look at it, but a record without an entry would be forgotten.
     */
    boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next) {
        Optional<Pending> before = expected.flatMap(record -> kept(record.state()));
        Optional<Pending> after = kept(next.state());
        after.filter(pending ->
                        before.filter(known -> isSameEntry(known, pending)).isEmpty())
                .ifPresent(pending -> store.announce(key, pending));
        boolean isStored = store.compareAndSet(key, expected, next, timeToLive(next.state()));
        // The entry of the record that is not there: it was replaced, or it never came.
        Optional<Pending> gone = isStored ? before : after;
        Optional<Pending> there = isStored ? after : before;
        gone.filter(pending -> there.filter(other -> other.id() == pending.id()).isEmpty())
                .ifPresent(pending -> store.withdraw(key, pending.id()));
        return isStored;
    }

    private static boolean isSameEntry(Pending one, Pending other) {
        return one.id() == other.id() && one.due().equals(other.due());
    }

    private static Optional<Pending> kept(AlertState state) {
        return state.pending().filter(pending -> pending.alert().isPresent());
    }

    /** However short the configured time is, a record outlives its lease, its doubt and its pending change. */
    private Duration timeToLive(AlertState state) {
        Instant now = clock.instant();
        Instant end = Stream.of(
                        Optional.of(now.plus(ttl)),
                        state.lease().map(Lease::until),
                        state.inDoubt().map(InDoubt::until),
                        state.pending().map(waiting -> waiting.due().plus(ttl)),
                        kept(state).map(pending -> pending.since().plus(maxAge).plus(MAX_AGE_MARGIN)))
                .flatMap(Optional::stream)
                .max(Instant::compareTo)
                .orElseThrow();
        return Duration.between(now, end);
    }
}
