package io.hipchatalerts.state;

import java.time.Duration;
import java.util.Optional;

/** A versioned register for each alert. It compares and sets and knows nothing else; the protocol does the thinking. */
public interface StateStore {

    /** All that one call may take: connecting, sending, and doing so again (contract §5). */
    Duration LONGEST_CALL = Duration.ofSeconds(1);

    /**
     * What is remembered under {@code key}; empty when nothing is.
     *
     * @throws StoreUnavailable when the store cannot be asked
     */
    Optional<Entry> load(String key);

    /**
     * Writes {@code next} if the store still holds {@code expected}, in one step that no other writer can divide. A swap
     * whose answer was lost may be repeated: {@code next} standing there already, by its version, counts as written.
     *
     * @param key an {@link AlertKey}'s text
     * @param expected what was loaded; empty when nothing was
     * @param next what is to stand there, with a version of its own
     * @param ttl how long it is remembered if nobody writes again
     * @return false when somebody else wrote in between
     * @throws StoreUnavailable when the store cannot be asked; {@code next} may stand there or not
     */
    boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl);

    /** The name in settings and metric labels. */
    String name();

    /**
     * A key that no alert has, for finding out whether a store can be reached: in an alert's key, a digest follows the
     * {@code #}.
     */
    static String probe(String prefix) {
        return prefix + ":#probe";
    }
}
