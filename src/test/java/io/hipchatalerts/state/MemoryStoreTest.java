package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StateStoreContract {

    private final VirtualClock clock = new VirtualClock();
    private final StateStore store = new MemoryStore(clock);

    @Override
    StateStore store() {
        return store;
    }

    @Override
    Duration shortTtl() {
        return Duration.ofMinutes(10);
    }

    @Override
    Duration fairlyShortTtl() {
        return shortTtl();
    }

    @Override
    void outlive(String key, Duration ttl) {
        clock.passes(ttl);
    }

    @Test
    void remembersToTheLastMillisecond() {
        store.swap("key", Optional.empty(), entry(1), shortTtl());

        clock.passes(shortTtl().minusMillis(1));
        assertThat(store.load("key")).contains(entry(1));

        clock.passes(Duration.ofMillis(1));
        assertThat(store.load("key")).isEmpty();
    }
}
