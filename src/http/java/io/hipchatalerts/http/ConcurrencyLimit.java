package io.hipchatalerts.http;

import io.hipchatalerts.EventLog;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.web.ProblemException;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/**
 * Limits the number of events under way. If HipChat does not answer, each event occupies a worker until its deadline; more
 * events would wait for a worker and be sent too late or never.
 */
@ApplicationScoped
class ConcurrencyLimit {

    private static final Logger LOG = Logger.getLogger(ConcurrencyLimit.class);

    private final int limit;
    private final Semaphore places;
    private final EventLog eventLog;

    ConcurrencyLimit(EventLog eventLog) {
        int workers = ConfigProvider.getConfig().getValue("quarkus.thread-pool.max-threads", Integer.class);
        // The other workers are for tasks that must not wait: further deliveries of one event, health, metrics.
        this.limit = Math.max(1, workers * 3 / 4);
        this.places = new Semaphore(limit);
        this.eventLog = eventLog;
    }

    void atStart(@Observes StartupEvent start, HipChatConfig config) {
        for (String key : List.of("quarkus.shutdown.timeout", "quarkus.http.idle-timeout")) {
            Duration time = ConfigProvider.getConfig().getValue(key, Duration.class);
            if (time.compareTo(config.deadline()) <= 0) {
                LOG.warnf(
                        "%s is %d s, which cuts off events that take longer; set it above hipchat.deadline (%d s)",
                        key, time.toSeconds(), config.deadline().toSeconds());
            }
        }
    }

    /**
     * Checks whether one more event may start. The check comes before its body is read, so that a rejection costs little;
     * {@link #during} counts the event.
     *
     * @throws ProblemException if none may
     */
    void check() {
        if (ApplicationLifecycleManager.isVmShuttingDown()) {
            eventLog.rejected();
            throw new ProblemException(Problem.unavailable("This instance is shutting down; send the event again"));
        }
        if (places.availablePermits() == 0) {
            throw tooMany();
        }
    }

    /**
     * Runs an event's {@code work}.
     *
     * @throws ProblemException if too many others run
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

    private ProblemException tooMany() {
        String detail = "There are already " + limit + " events under way, which is the limit; send it again later";
        eventLog.overloaded(detail);
        return new ProblemException(Problem.unavailable(detail));
    }
}
