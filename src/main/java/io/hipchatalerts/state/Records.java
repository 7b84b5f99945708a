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
 * The records in a store. Each write gets a version of its own, a time to live, and an index entry for its pending
 * change.
 *
 * @param store the store
 * @param ttl the time to live of a record after its last write
 * @param maxAge the age at which a pending change is dropped
 * @param clock the clock of this process
 * @param random draws the versions
 */
record Records(StateStore store, Duration ttl, Duration maxAge, InstantSource clock, RandomGenerator random) {

    /** A record outlives its pending change by this, so that a poll can drop and log the change. */
    private static final Duration MAX_AGE_MARGIN = Duration.ofHours(1);

    Optional<Versioned> load(String key) {
        return store.load(key);
    }

    /** Returns {@code state} with a new version. A change is due when it is too old at the latest: a poll then drops it. */
    Versioned versioned(AlertState state) {
        return new Versioned(state.withPending(state.pending().map(this::dueInTime)), random.nextLong());
    }

    private Pending dueInTime(Pending pending) {
        Instant tooOld = pending.since().plus(maxAge).plusMillis(1);
        return pending.due().isAfter(tooOld) ? pending.due(tooOld) : pending;
    }

    /**
     * Stores {@code next} if {@code expected} is still there. See {@link StateStore#compareAndSet}. The index entry
     * comes first: the next poll removes an entry without a record, but no poll finds a record without an entry.
     */
    boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next) {
        Optional<Pending> before = expected.flatMap(record -> kept(record.state()));
        Optional<Pending> after = kept(next.state());
        after.filter(pending ->
                        before.filter(known -> isSameEntry(known, pending)).isEmpty())
                .ifPresent(pending -> store.announce(key, pending));
        boolean isStored = store.compareAndSet(key, expected, next, timeToLive(next.state()));
        // The index entry of the record that the store does not have: it was replaced or never stored.
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

    /** Returns the configured time, or longer: a record outlives its lease, its doubt and its pending change. */
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
