package io.hipchatalerts.state.store;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.Pending;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * State in the memory of one process, lost with it: for development, for tests, and for a single instance that may
 * repeat messages. No cache library evicts alerts that are under way last, as contract §5 requires.
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
    private volatile Consumer<Pending> onEviction = pending -> {};

    /** Least recently used first. Alerts with a lease or a pending change are in the second map. */
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
    public void onEviction(Consumer<Pending> action) {
        onEviction = action;
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
            Remembered evicted = first.remove(first.keySet().iterator().next());
            evicted.versioned()
                    .state()
                    .pending()
                    .filter(pending -> pending.alert().isPresent())
                    .ifPresent(onEviction);
        }
        return true;
    }

    @Override
    public synchronized List<PendingEntry> due(Instant now, int limit) {
        return kept().entrySet().stream()
                .filter(entry -> !entry.getValue().due().isAfter(now))
                .sorted(Comparator.comparing(entry -> entry.getValue().due()))
                .limit(limit)
                .map(entry -> new PendingEntry(
                        entry.getKey(), Optional.of(entry.getValue().id())))
                .toList();
    }

    @Override
    public synchronized long pendingCount() {
        return kept().size();
    }

    @Override
    public boolean isShared() {
        return false;
    }

    private Map<String, Pending> kept() {
        Map<String, Pending> kept = new HashMap<>();
        busy.forEach((key, remembered) -> remembered
                .versioned()
                .state()
                .pending()
                .filter(pending -> pending.alert().isPresent())
                .ifPresent(pending -> kept.put(key, pending)));
        return kept;
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
