package io.hipchatalerts;

import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.outcome.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.InstantSource;

/** Logs each event in one line, and counts it. */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class EventLog {

    static final String INVALID = "invalid";
    static final String NONE = "none";

    private final MeterRegistry metrics;
    private final FloodLog unauthorized;
    private final FloodLog overload;

    EventLog(MeterRegistry metrics, InstantSource clock) {
        this.metrics = metrics;
        this.unauthorized = new FloodLog(clock);
        this.overload = new FloodLog(clock);
        // Every label set exists from the start, so that a dashboard can distinguish "none yet" from "not counted".
        for (Status status : Status.values()) {
            for (Reason reason : Reason.values()) {
                if (status == statusWith(reason)) {
                    counter(status.toString(), reason.toString());
                }
            }
            if (status != Status.SUPPRESSED && status != Status.SKIPPED) {
                counter(status.toString(), NONE);
            }
        }
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

    private static Status statusWith(Reason reason) {
        return switch (reason) {
            case UNCHANGED, STALE -> Status.SUPPRESSED;
            case DISABLED, NOT_ADDRESSED, NO_MATCH, EMPTY_EVENT -> Status.SKIPPED;
        };
    }

    private Counter counter(String status, String reason) {
        return Counter.builder("hipchat.alerts")
                .description("Deliveries of alert events, and events without a delivery, by result")
                .tag("status", status)
                .tag("reason", reason)
                .register(metrics);
    }

    /** Returns {@code text} in quotes. Escapes every character that could break or forge a line. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || c == 0x2028
                    || c == 0x2029) {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }
}
