package io.hipchatalerts.state;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** Chooses the state store. */
final class StateStores {

    @Produces
    @Singleton
    static StateStore store(InstantSource clock) {
        return new MemoryStore(clock);
    }
}
