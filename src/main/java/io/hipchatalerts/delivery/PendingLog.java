package io.hipchatalerts.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.outcome.LogLine;
import io.hipchatalerts.outcome.LogText;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.StoredAlert;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/** Logs and counts the pending changes that are sent or given up (contract §5a). */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
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
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The last step of a pending change.
     *
     * @param attempts the requests that it made
     * @param took the time that it took
     * @param detail why the change is given up; else empty
     */
    record LastStep(int attempts, Duration took, String detail) {

        static LastStep without(String detail) {
            return new LastStep(0, Duration.ZERO, detail);
        }
    }

    private static final Logger LOG = Logger.getLogger("io.hipchatalerts.pending");

    /** A forgotten room costs a second line. */
    private static final int MAX_ROOMS = 10_000;

    private final InstantSource clock;
    private final Map<Result, Counter> counters = new EnumMap<>(Result.class);
    private final Timer age;
    private final AtomicLong pending = new AtomicLong();
    private final Cache<String, Boolean> failedRooms =
            Caffeine.newBuilder().maximumSize(MAX_ROOMS).build();

    PendingLog(MeterRegistry metrics, InstantSource clock) {
        this.clock = clock;
        // All series exist from the start, so that a dashboard can distinguish "none yet" from "not counted".
        for (Result result : Result.values()) {
            counters.put(
                    result,
                    Counter.builder("hipchat.pending")
                            .description("Pending changes that ended, by result")
                            .tag("result", result.toString())
                            .register(metrics));
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
    void ended(Pending change, Result result, LastStep last) {
        Duration waited = Duration.between(change.since(), clock.instant());
        counters.get(result).increment();
        if (result == Result.SENT) {
            age.record(waited);
        }
        LOG.logf(result.level, "%s", line(change, result, last, waited));
    }

    private static LogLine line(Pending change, Result result, LastStep last, Duration waited) {
        StoredAlert alert = change.alert().orElseThrow();
        return LogLine.of(alert.id(), change.change().level(), alert.topic())
                .quoted("room", alert.room())
                .plain("status", result)
                .add("reason", "none", null)
                .plain("attempts", last.attempts())
                .plain("ms", last.took().toMillis())
                .plain("pending-ms", waited.toMillis())
                .detail(last.detail());
    }

    /** Logs why a room's changes stay pending, once until HipChat accepts or refuses a message for it. */
    void failedRoom(String room, String detail) {
        if (failedRooms.asMap().putIfAbsent(room, true) == null) {
            LOG.warnf(
                    "HipChat does not accept the pending changes of room %s; they stay pending: %s",
                    LogText.quoted(room), LogText.quoted(detail));
        }
    }

    /** Forgets that sending to the room failed. */
    void answeredRoom(String room) {
        failedRooms.invalidate(room);
    }

    void flushed(FlushOutcome outcome) {
        FlushOutcome.Flushed flushed = outcome.flushed();
        LOG.infof(
                "flush sent=%d refused=%d expired=%d stale=%d pending=%d",
                flushed.sent(), flushed.refused(), flushed.expired(), flushed.stale(), outcome.pending());
    }

    void pendingNow(long count) {
        pending.set(count);
    }
}
