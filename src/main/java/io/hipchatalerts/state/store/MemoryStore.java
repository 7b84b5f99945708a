package io.hipchatalerts.state.store;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.state.AlertState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The state of one process, gone with it: for the laptop, for tests, and for one instance that may repeat itself. It is
 * our own, because no cache library evicts alerts that are under way last (contract §5).
 */
public final class MemoryStore implements StateStore {

    static final int MAX_ALERTS = 100_000;

    private record Remembered(Versioned versioned, Instant expires) {

        boolean isBusy() {
            AlertState state = versioned.state();
            return state.lease().isPresent() || state.pending().isPresent();
        }
    }

    private final InstantSource clock;
    private final int maxAlerts;

    /** Least recently used first; alerts with something under way or pending are in the second map. */
    private final Map<String, Remembered> idle = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<String, Remembered> busy = new LinkedHashMap<>(16, 0.75f, true);

    /** Makes an empty store whose records expire by {@code clock}. */
    public MemoryStore(InstantSource clock) {
        this(clock, MAX_ALERTS);
    }

    MemoryStore(InstantSource clock, int maxAlerts) {
        this.clock = clock;
        this.maxAlerts = maxAlerts;
    }

    @Override
    public synchronized Optional<Versioned> load(String key) {
        return remembered(key).map(Remembered::versioned);
    }

    @Override
    public synchronized boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
        Optional<Long> standing = remembered(key).map(found -> found.versioned().version());
        if (!standing.equals(expected.map(Versioned::version))) {
            return standing.equals(Optional.of(next.version()));
        }
        idle.remove(key);
        busy.remove(key);
        Remembered remembered = new Remembered(next, clock.instant().plus(shorter(ttl, MAX_TTL)));
        (remembered.isBusy() ? busy : idle).put(key, remembered);
        if (idle.size() + busy.size() > maxAlerts) {
            Map<String, Remembered> first = idle.isEmpty() ? busy : idle;
            first.remove(first.keySet().iterator().next());
        }
        return true;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public Duration clockSkew() {
        return Duration.ZERO;
    }

    private Optional<Remembered> remembered(String key) {
        Remembered found = idle.containsKey(key) ? idle.get(key) : busy.get(key);
        if (found != null && !clock.instant().isBefore(found.expires())) {
            idle.remove(key);
            busy.remove(key);
            return Optional.empty();
        }
        return Optional.ofNullable(found);
    }
}
