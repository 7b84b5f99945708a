package io.hipchatalerts.state;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A store whose calls are measured, and whose outages are told when they begin and when they end and not once an event:
 * an outage brings events enough. It ends when each kind of call that failed works again: a store that is full, or lets
 * nobody write, answers each load and is not back.
 */
final class WatchedStore implements StateStore {

    private static final Logger LOG = Logger.getLogger(WatchedStore.class);

    private enum Call {
        LOAD(1),
        SWAP(2);

        private final int bit;
        private final String text = name().toLowerCase(Locale.ROOT);

        Call(int bit) {
            this.bit = bit;
        }
    }

    private final StateStore store;
    private final String onOutage;
    private final MeterRegistry metrics;

    /** The kinds of call that failed last, one bit each. */
    private final AtomicInteger failing = new AtomicInteger();

    WatchedStore(StateStore store, String onOutage, MeterRegistry metrics) {
        this.store = store;
        this.onOutage = onOutage;
        this.metrics = metrics;
        // There from the start, so that a dashboard can tell "none yet" from "not counted".
        for (Call call : Call.values()) {
            timer(call);
        }
        outages();
        Gauge.builder("hipchat.state.reachable", failing, it -> it.get() == 0 ? 1 : 0)
                .description("Whether this process' last calls to the state store reached it: 1, or 0 in an outage")
                .tag("store", name())
                // Else the gauge is gone once its bean is, and stays gone in a registry that lives longer (dev mode,
                // tests).
                .strongReference(true)
                .register(metrics);
    }

    @Override
    public Optional<Entry> load(String key) {
        return watched(Call.LOAD, () -> store.load(key));
    }

    @Override
    public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
        return watched(Call.SWAP, () -> store.swap(key, expected, next, ttl));
    }

    @Override
    public String name() {
        return store.name();
    }

    private <T> T watched(Call call, Supplier<T> work) {
        T result;
        try {
            result = timer(call).record(work);
        } catch (StoreUnavailable failure) {
            if (!failure.isOfOneAlert() && failing.getAndUpdate(calls -> calls | call.bit) == 0) {
                outages().increment();
                LOG.warnf(
                        "The %s state store is out of reach (%s); until it is back, hipchat.state.on-outage=%s decides",
                        name(), failure.getCause(), onOutage);
            }
            throw failure;
        }
        if (failing.get() != 0 && failing.getAndUpdate(calls -> calls & ~call.bit) == call.bit) {
            LOG.infof("The %s state store is back", name());
        }
        return result;
    }

    private Timer timer(Call call) {
        return Timer.builder("hipchat.state")
                .description("Calls to the state store")
                .tag("op", call.text)
                .tag("store", name())
                .register(metrics);
    }

    private Counter outages() {
        return metrics.counter("hipchat.state.outages");
    }
}
