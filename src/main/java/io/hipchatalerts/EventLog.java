package io.hipchatalerts;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.LogText;
import io.hipchatalerts.outcome.Outcome;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.routing.Origin;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Logs each event in one line, and counts it. */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class EventLog {

    static final String INVALID = "invalid";
    static final String NONE = "none";

    private static final Logger FLUSHES = Logger.getLogger("io.hipchatalerts.pending");

    private final MeterRegistry metrics;
    private final Map<Labels, Counter> counters = new ConcurrentHashMap<>();
    private final FloodLog unauthorized;
    private final FloodLog overload;

    EventLog(MeterRegistry metrics, InstantSource clock) {
        this.metrics = metrics;
        this.unauthorized = new FloodLog(clock);
        this.overload = new FloodLog(clock);
        // Every label set exists from the start, so that a dashboard can distinguish "none yet" from "not counted".
        for (Reason reason : Reason.values()) {
            statusesWith(reason).forEach(status -> counter(status.toString(), reason.toString()));
        }
        List.of(Status.SENT, Status.REFUSED, Status.FAILED).forEach(status -> counter(status.toString(), NONE));
        counter(INVALID, NONE);
    }

    /** Opens the entry of an event that has just arrived. */
    EventLogEntry open() {
        return new EventLogEntry(this);
    }

    /** Enters input that was rejected before it was read as an alert. */
    public void invalid(String detail) {
        open().endsWith(new BadAlert(detail));
    }

    /** Enters a request that was rejected before it was read. Requests without the inbound token come in floods. */
    public void invalid(Problem problem) {
        if (problem.status() == 401) {
            count(INVALID, null);
            unauthorized.warn("A request without hipchat.inbound-token was answered 401");
        } else {
            invalid(problem.detail());
        }
    }

    /** Enters an event that was not tried, and that its sender delivers again. */
    public void notTried(AlertEvent event, Origin origin, String detail) {
        EventLogEntry entry = open();
        entry.is(event, origin);
        entry.endsWith(Outcome.of(List.of(DeliveryOutcome.failed(null, null, 0, false, detail, Problem.RETRY_AFTER))));
    }

    /** Logs a flush that looked at no pending change. {@code PendingLog} logs the others. */
    Outcome notFlushed(Outcome outcome) {
        FLUSHES.infof(
                "flush status=%s reason=%s%s",
                outcome.status(),
                orNone(outcome.reason()),
                outcome.detail().isEmpty() ? "" : " detail=" + LogText.quoted(outcome.detail()));
        return outcome;
    }

    /** Enters a request that was lost to a bug before it was read as an alert. */
    public void lost(Throwable bug) {
        open().endsByBug(bug);
    }

    /** Counts an event that was rejected unread because there are too many others; these come in floods. */
    public void overloaded(String detail) {
        rejected();
        overload.warn(detail);
    }

    /** Counts an event that was rejected unread. */
    public void rejected() {
        count(Status.FAILED.toString(), null);
    }

    void count(String status, Reason reason) {
        counter(status, orNone(reason)).increment();
    }

    static String orNone(Reason reason) {
        return reason == null ? NONE : reason.toString();
    }

    private static Set<Status> statusesWith(Reason reason) {
        return switch (reason) {
            case UNCHANGED, STALE -> Set.of(Status.SUPPRESSED);
            case RATE_LIMITED, UNAVAILABLE, UNDER_WAY -> Set.of(Status.PENDING, Status.FAILED);
            case DISABLED, NOT_ADDRESSED, NO_MATCH, EMPTY_EVENT -> Set.of(Status.SKIPPED);
        };
    }

    private Counter counter(String status, String reason) {
        return counters.computeIfAbsent(new Labels(status, reason), first -> Counter.builder("hipchat.alerts")
                .description("Alert events by their answer")
                .tag("status", status)
                .tag("reason", reason)
                .register(metrics));
    }

    private record Labels(String status, String reason) {}
}
