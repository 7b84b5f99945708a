package io.hipchatalerts.state.store;

import java.time.Duration;
import java.util.Optional;

/** A versioned register for each alert. It compares and sets, and decides nothing. */
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
