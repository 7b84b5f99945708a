package io.hipchatalerts.state.store;

import io.hipchatalerts.state.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A versioned register for each alert, and an index of the pending changes. It decides nothing. */
public interface StateStore {

    /** The longest time that a record can be remembered. */
    Duration MAX_TTL = Duration.ofDays(36_500);

    /**
     * Returns the record under {@code key}; empty when there is none.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    Optional<Versioned> load(String key);

    /**
     * Stores {@code next} if the store still holds {@code expected}, in one step that no other writer can divide. A call
     * whose answer was lost may be repeated: it succeeds when the store already holds the version of {@code next}.
     *
     * @param key the text of an {@link io.hipchatalerts.state.AlertKey}
     * @param expected the record that was loaded; empty when there was none
     * @param next the new record, with a version of its own
     * @param ttl how long it is remembered if nobody writes again
     * @return false when somebody else wrote in between
     * @throws StoreUnavailable when the store does not answer; it may hold {@code next} then, now or later
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
     * Enters a pending change into the index, before the record that names it is stored. Does nothing where the record
     * feeds the index itself.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    default void announce(String key, Pending pending) {}

    /**
     * Removes an entry from the index, after the record that named it was replaced. A lost answer is no harm: the next
     * look at the index removes the entry.
     */
    default void withdraw(String key, long id) {}

    /**
     * Returns the entries that are due at {@code now}, the earliest first.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    List<PendingEntry> due(Instant now, int limit);

    /**
     * Returns how many entries the index has, due or not.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    long pendingCount();

    /** Sets the action on a pending change that is lost because the store has no room for its alert. */
    default void onEviction(Consumer<Pending> action) {}

    /** Returns whether a pending change outlives the process. */
    default boolean isShared() {
        return true;
    }

    /** Returns the name in settings and metric labels. */
    String name();

    /** Returns how far the clocks of the instances that share this store may differ. */
    default Duration clockSkew() {
        return Duration.ofSeconds(2);
    }

    /**
     * Returns a key that no alert has, to check the store with: in an alert's key, a digest follows the {@code #}.
     */
    static String probe(String prefix) {
        return prefix + ":#probe";
    }
}
