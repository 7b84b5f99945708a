package io.hipchatalerts.state.store;

import io.hipchatalerts.state.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A versioned register for each alert, and an index of the pending changes. It makes no decisions (contract §5). */
public interface StateStore {

    /** The longest time to live of a record. */
    Duration MAX_TTL = Duration.ofDays(36_500);

    /**
     * Returns the record under {@code key}; empty when there is none.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    Optional<Versioned> load(String key);

    /**
     * Stores {@code next} if the store still has {@code expected}, in one atomic step. A call whose answer was lost may
     * be repeated: it succeeds when the store already has the version of {@code next}.
     *
     * @param key the text of an {@link io.hipchatalerts.state.AlertKey}
     * @param expected the record that was loaded; empty when there was none
     * @param next the new record, with a version of its own
     * @param ttl the time to live of {@code next} after this write
     * @return false when another writer was faster
     * @throws StoreUnavailable when the store does not answer; it may still store {@code next}, now or later
     */
    boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl);

    /**
     * An entry of the index of pending changes.
     *
     * @param key the alert's key
     * @param id the id of the pending change; empty when the record itself is the entry
     */
    record PendingEntry(String key, Optional<Long> id) {}

    /**
     * Adds a pending change to the index, before the record that names it is stored. Does nothing in a store whose
     * records are the index.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    default void announce(String key, Pending pending) {}

    /**
     * Removes an entry from the index, after the record that named it was replaced. A lost answer does no harm: the
     * next poll removes the entry. Does nothing in a store whose records are the index.
     */
    default void withdraw(String key, long id) {}

    /**
     * Returns at most {@code limit} entries that are due at {@code now}, the earliest first. An entry may be outdated:
     * its record decides.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    List<PendingEntry> due(Instant now, int limit);

    /**
     * Returns the number of entries in the index, due or not.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    long pendingCount();

    /** Sets the action on a pending change that is lost because the store has no room for its alert. */
    default void onEviction(Consumer<Pending> action) {}

    /** Returns whether other processes share this store, so that a pending change outlives the process. */
    default boolean isShared() {
        return true;
    }

    /** Returns the name that settings and metric labels use. */
    String name();

    /** Returns the largest difference between the clocks of the instances that share this store. */
    default Duration clockSkew() {
        return Duration.ofSeconds(2);
    }

    /** Returns a key for checking the store. No alert has it: in an alert's key, a digest follows the {@code #}. */
    static String probe(String prefix) {
        return prefix + ":#probe";
    }
}
