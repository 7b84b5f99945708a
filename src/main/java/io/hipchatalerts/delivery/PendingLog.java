package io.hipchatalerts.delivery;

import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.outcome.LogText;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.StoredAlert;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/** Logs and counts the pending changes that are sent or given up (contract §5a). */
@ApplicationScoped
class PendingLog {

    /** The end of a pending change. */
    enum Result {
        SENT(Level.INFO),
        STALE(Level.INFO),
        REFUSED(Level.ERROR),
        EXPIRED(Level.WARN);

        private final Level level;

        Result(Level level) {
            this.level = level;
        }

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private static final Logger LOG = Logger.getLogger("io.hipchatalerts.pending");

    private final MeterRegistry metrics;
    private final InstantSource clock;
    private final Timer age;
    private final AtomicLong pending = new AtomicLong();
    private final Map<String, String> refusedRooms = new ConcurrentHashMap<>();

    PendingLog(MeterRegistry metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
        // All series exist from the start, so that a dashboard can distinguish "none yet" from "not counted".
        for (Result result : Result.values()) {
            counter(result);
        }
        age = Timer.builder("hipchat.pending")
                .description("The time from storing a pending change to sending it")
                .register(metrics);
        Gauge.builder("hipchat.pending.alerts", pending, AtomicLong::get)
                .description("Alerts with a pending change, at the last look")
                .strongReference(true)
                .register(metrics);
    }

    /** Logs and counts the end of one pending change. */
    void ended(Pending change, Result result, int attempts, String detail) {
        Duration waited = Duration.between(change.since(), clock.instant());
        counter(result).increment();
        if (result == Result.SENT) {
            age.record(waited);
        }
        StoredAlert alert = change.alert().orElseThrow();
        LOG.logf(
                result.level,
                "id=%s level=%s topic=%s room=%s status=%s attempts=%d pending-ms=%d%s",
                LogText.quoted(alert.id()),
                change.change().level(),
                alert.topic().map(LogText::quoted).orElse("-"),
                LogText.quoted(alert.room()),
                result,
                attempts,
                waited.toMillis(),
                detail.isEmpty() ? "" : " detail=" + LogText.quoted(detail));
    }

    /** Logs that HipChat refuses the room or its token, once for each room and answer. */
    void refusedRoom(String room, String detail) {
        if (!detail.equals(refusedRooms.put(room, detail))) {
            LOG.warnf(
                    "HipChat refuses the pending changes of room %s; they stay pending: %s",
                    LogText.quoted(room), detail);
        }
    }

    /** Forgets that HipChat refused the room. */
    void acceptedRoom(String room) {
        refusedRooms.remove(room);
    }

    void flushed(FlushOutcome outcome) {
        pendingNow(outcome.pending());
        FlushOutcome.Flushed flushed = outcome.flushed();
        LOG.infof(
                "flush sent=%d refused=%d expired=%d stale=%d pending=%d",
                flushed.sent(), flushed.refused(), flushed.expired(), flushed.stale(), outcome.pending());
    }

    void pendingNow(long count) {
        pending.set(count);
    }

    private Counter counter(Result result) {
        return Counter.builder("hipchat.pending")
                .description("Pending changes that ended, by result")
                .tag("result", result.toString())
                .register(metrics);
    }
}
