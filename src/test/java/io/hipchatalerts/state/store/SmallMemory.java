package io.hipchatalerts.state.store;

import java.time.InstantSource;

/** A memory store that evicts alerts soon. */
public final class SmallMemory {

    private SmallMemory() {}

    /** Returns an empty store with room for so many alerts. */
    public static StateStore of(int alerts, InstantSource clock) {
        return new MemoryStore(clock, alerts);
    }
}
