package io.hipchatalerts.state.store;

import io.hipchatalerts.state.AlertState;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Tries whether a state store can be read and written. All instances use one key, which no alert has.
 *
 * @param store the store
 * @param keyPrefix the beginning of all keys
 * @param random draws the versions
 */
public record StoreProbe(StateStore store, String keyPrefix, RandomGenerator random) {

    private static final Duration TTL = Duration.ofMinutes(1);

    /**
     * Reads the record.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    public void read() {
        store.load(key());
    }

    /**
     * Reads the record and writes another one. A record that is written conditionally and not stored would say nothing: a
     * read-only Redis refuses only the write itself. Does nothing to a store in this process: that can always be written,
     * and has room for alerts only.
     *
     * @throws StoreUnavailable when the store does not answer, or does not take the record
     */
    public void write() {
        if (store.isShared()) {
            // False means that another instance has just written.
            store.compareAndSet(key(), store.load(key()), new Versioned(AlertState.INITIAL, random.nextLong()), TTL);
        }
    }

    private String key() {
        return StateStore.probe(keyPrefix);
    }
}
