package io.hipchatalerts.state.store;

import io.hipchatalerts.alert.KebabCase;
import io.hipchatalerts.state.Pending;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Measures a store's calls, and logs an outage once when it begins and once when it ends. It ends when each kind of call
 * that failed works again: a store that is full, or read-only, answers each load and is still unavailable. Logs each
 * unusable record too.
 */
public final class MeteredStore implements StateStore {

    private static final Logger LOG = Logger.getLogger(MeteredStore.class);

    private enum Call {
        LOAD(1),
        COMPARE_AND_SET(2),
        ANNOUNCE(4),
        DUE(8),
        COUNT(16);

        private final int bit;
        private final String text = KebabCase.of(this);

        Call(int bit) {
            this.bit = bit;
        }
    }

    private final StateStore store;
    private final String onOutage;
    private final MeterRegistry metrics;
    private final Map<Call, Timer> timers = new EnumMap<>(Call.class);

    /** The kinds of call whose last call failed, one bit for each. */
    private final AtomicInteger failing = new AtomicInteger();

    /**
     * Wraps {@code store}.
     *
     * @param store the store to measure
     * @param onOutage the value of {@code hipchat.state.on-outage}, for the log
     * @param metrics the registry for timers, the outage counter and the reachable gauge
     */
    public MeteredStore(StateStore store, String onOutage, MeterRegistry metrics) {
        this.store = store;
        this.onOutage = onOutage;
        this.metrics = metrics;
        // All series exist from the start, so that a dashboard can distinguish "none yet" from "not counted".
        for (Call call : Call.values()) {
            timers.put(
                    call,
                    Timer.builder("hipchat.state")
                            .description("Calls to the state store")
                            .tag("op", call.text)
                            .tag("store", name())
                            .register(metrics));
        }
        outages();
        Gauge.builder("hipchat.state.reachable", failing, it -> it.get() == 0 ? 1 : 0)
                .description("1 when the state store answered this process' last calls, 0 in an outage")
                .tag("store", name())
                // The registry lives longer than this object in dev mode and tests.
                .strongReference(true)
                .register(metrics);
    }

    @Override
    public Optional<Versioned> load(String key) {
        return measured(Call.LOAD, () -> store.load(key));
    }

    @Override
    public boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
        return measured(Call.COMPARE_AND_SET, () -> store.compareAndSet(key, expected, next, ttl));
    }

    @Override
    public void announce(String key, Pending pending) {
        measured(Call.ANNOUNCE, () -> {
            store.announce(key, pending);
            return true;
        });
    }

    @Override
    public void withdraw(String key, long id) {
        store.withdraw(key, id);
    }

    @Override
    public List<PendingEntry> due(Instant now, int limit) {
        return measured(Call.DUE, () -> store.due(now, limit));
    }

    @Override
    public long pendingCount() {
        return measured(Call.COUNT, store::pendingCount);
    }

    @Override
    public void onEviction(Consumer<Pending> action) {
        store.onEviction(action);
    }

    @Override
    public boolean isShared() {
        return store.isShared();
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public Duration clockSkew() {
        return store.clockSkew();
    }

    private <T> T measured(Call call, Supplier<T> work) {
        T result;
        try {
            result = timers.get(call).record(work);
        } catch (StoreUnavailable failure) {
            if (failure.isOfOneAlert()) {
                LOG.warnf(
                        "%s; hipchat.state.on-outage=%s decides",
                        failure.getCause().getMessage(), onOutage);
            } else if (failing.getAndUpdate(calls -> calls | call.bit) == 0) {
                outages().increment();
                LOG.warnf(
                        "The %s state store is unavailable (%s); until it is back, hipchat.state.on-outage=%s decides",
                        name(), failure.getCause(), onOutage);
            }
            throw failure;
        }
        if (failing.get() != 0 && failing.getAndUpdate(calls -> calls & ~call.bit) == call.bit) {
            LOG.infof("The %s state store is back", name());
        }
        return result;
    }

    private Counter outages() {
        return metrics.counter("hipchat.state.outages");
    }
}
