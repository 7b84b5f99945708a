package io.hipchatalerts.http;

import io.hipchatalerts.EventLog;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.web.ProblemException;
import io.quarkus.runtime.Application;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/**
 * The events under way, and whether one more may come. With HipChat hanging each of them holds a worker for the whole
 * deadline; any more would wait for one of them to end, and be told too late or never.
 */
@ApplicationScoped
class ConcurrencyLimit {

    private static final Logger LOG = Logger.getLogger(ConcurrencyLimit.class);
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final int limit;
    private final Semaphore places;
    private final EventLog eventLog;
    private final InstantSource clock;
    private final AtomicReference<Instant> lastSaid = new AtomicReference<>(Instant.EPOCH);
    private volatile boolean wasStarted;

    ConcurrencyLimit(EventLog eventLog, InstantSource clock) {
        int workers = ConfigProvider.getConfig().getValue("quarkus.thread-pool.max-threads", Integer.class);
        // The other workers are for what must not wait: further deliveries of one event, health, metrics.
        this.limit = Math.max(1, workers * 3 / 4);
        this.places = new Semaphore(limit);
        this.eventLog = eventLog;
        this.clock = clock;
    }

    void atStart(@Observes StartupEvent start, HipChatConfig config) {
        for (String key : List.of("quarkus.shutdown.timeout", "quarkus.http.idle-timeout")) {
            Duration time = ConfigProvider.getConfig().getValue(key, Duration.class);
            if (time.compareTo(config.deadline()) <= 0) {
                LOG.warnf(
                        "%s is %d s and cuts off events that take longer; set it above hipchat.deadline (%d s)",
                        key, time.toSeconds(), config.deadline().toSeconds());
            }
        }
    }

    /**
     * Looks whether one more event may come. Asked before its body is read, so that turning it away costs next to
     * nothing; counted is it only in {@link #during}.
     *
     * @throws ProblemException when none may
     */
    void check() {
        if (isStopping()) {
            throw refusal("This instance is going down; send the event again");
        }
        if (places.availablePermits() == 0) {
            throw tooMany();
        }
    }

    /**
     * Does an event's {@code work}.
     *
     * @throws ProblemException when there are too many others
     */
    <T> T during(Supplier<T> work) {
        if (!places.tryAcquire()) {
            throw tooMany();
        }
        try {
            return work.get();
        } finally {
            places.release();
        }
    }

    /**
     * From the signal on, while Quarkus still waits for the requests that are under way. An event may come before the start
     * has ended, too, for the port is open by then.
     */
    private boolean isStopping() {
        Application application = Application.currentApplication();
        boolean isStarted = application != null && application.isStarted();
        if (isStarted) {
            wasStarted = true;
        }
        return wasStarted && !isStarted;
    }

    private ProblemException tooMany() {
        String detail = "There are " + limit + " events under way already, and no room for more; send it again later";
        Instant now = clock.instant();
        Instant last = lastSaid.get();
        if (last.plus(QUIET).isBefore(now) && lastSaid.compareAndSet(last, now)) {
            // Once in a while: a line for each would be a flood in the flood.
            LOG.warn(detail);
        }
        return refusal(detail);
    }

    private ProblemException refusal(String detail) {
        eventLog.turnedAway();
        return new ProblemException(Problem.unavailable(detail));
    }
}
