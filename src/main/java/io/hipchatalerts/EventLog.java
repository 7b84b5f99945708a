package io.hipchatalerts;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.Outcome;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.routing.Origin;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** What is seen of events from outside: one log line each, and counts. */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class EventLog {

    private static final Logger LOG = Logger.getLogger("io.hipchatalerts.alert");
    private static final String INVALID = "invalid";
    private static final String NONE = "none";

    private final MeterRegistry metrics;

    EventLog(MeterRegistry metrics) {
        this.metrics = metrics;
        // Every label set is there from the start, so that a dashboard can tell "none yet" from "not counted".
        for (Status status : Status.values()) {
            for (Reason reason : Reason.values()) {
                if (statusesWith(reason).contains(status)) {
                    counter(status.toString(), reason.toString());
                }
            }
            if (status != Status.SUPPRESSED && status != Status.SKIPPED && status != Status.PENDING) {
                counter(status.toString(), NONE);
            }
        }
        counter(INVALID, NONE);
    }

    /** Begins the entry of an event that has just arrived. */
    EventLogEntry open() {
        return new EventLogEntry();
    }

    /** Enters what was refused before it could be read as an alert. */
    public void invalid(String detail) {
        open().endsWith(new BadAlert(detail));
    }

    /** Counts an event that was turned away unread. Without a line: these come in floods. */
    public void turnedAway() {
        counter(Status.FAILED.toString(), NONE).increment();
    }

    private static Set<Status> statusesWith(Reason reason) {
        return switch (reason) {
            case UNCHANGED, STALE -> Set.of(Status.SUPPRESSED);
            case RATE_LIMITED, UNAVAILABLE, UNDER_WAY -> Set.of(Status.PENDING, Status.FAILED);
            case DISABLED, NOT_ADDRESSED, NO_MATCH, EMPTY_EVENT -> Set.of(Status.SKIPPED);
        };
    }

    private Counter counter(String status, String reason) {
        return Counter.builder("hipchat.alerts")
                .description("Deliveries of alert events, and events that came to none, by what became of them")
                .tag("status", status)
                .tag("reason", reason)
                .register(metrics);
    }

    private static String orNone(Reason reason) {
        return reason == null ? NONE : reason.toString();
    }

    /** The entry of one event. */
    final class EventLogEntry {

        private final long start = System.nanoTime();
        private final Map<String, Object> fields = new LinkedHashMap<>();
        private String event = "id=- level=- topic=-";

        void is(AlertEvent alert, Origin origin) {
            Optional<String> topic = alert.topic().or(origin::topic);
            event = "id=" + quoted(alert.id()) + " level=" + alert.level() + " topic="
                    + topic.map(EventLog::quoted).orElse("-");
            fields.put("id", alert.id());
            fields.put("level", alert.level().toString());
            topic.ifPresent(name -> fields.put("topic", name));
        }

        Outcome endsWith(Outcome outcome) {
            if (outcome.deliveries().isEmpty()) {
                counter(outcome.status().toString(), orNone(outcome.reason())).increment();
            }
            outcome.deliveries().forEach(delivery -> counter(delivery.status().toString(), orNone(delivery.reason()))
                    .increment());
            List<String> rooms = outcome.deliveries().stream()
                    .map(DeliveryOutcome::room)
                    .filter(Objects::nonNull)
                    .toList();
            if (!rooms.isEmpty()) {
                fields.put("room", String.join(",", rooms));
            }
            fields.put(
                    "attempts",
                    outcome.deliveries().stream()
                            .mapToInt(DeliveryOutcome::attempts)
                            .sum());
            write(
                    each(outcome, delivery -> delivery.room() == null ? "-" : quoted(delivery.room())),
                    outcome.status().toString(),
                    orNone(outcome.reason()),
                    each(outcome, delivery -> String.valueOf(delivery.attempts())),
                    outcome.degraded(),
                    outcome.detail());
            return outcome;
        }

        BadAlert endsWith(BadAlert bad) {
            counter(INVALID, NONE).increment();
            fields.put("attempts", 0);
            write("-", INVALID, NONE, "0", false, bad.getMessage());
            return bad;
        }

        /** Logs and counts an event that was lost to {@code bug}. */
        void endsByBug(Throwable bug) {
            counter(Status.FAILED.toString(), NONE).increment();
            fields.put("attempts", 0);
            write(
                    "-",
                    Status.FAILED.toString(),
                    NONE,
                    "0",
                    false,
                    "a bug, " + bug.getClass().getSimpleName());
        }

        private String each(Outcome outcome, Function<DeliveryOutcome, String> what) {
            return outcome.deliveries().isEmpty()
                    ? "-"
                    : outcome.deliveries().stream().map(what).collect(joining(","));
        }

        private void write(
                String room, String status, String reason, String attempts, boolean degraded, String detail) {
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            fields.put("status", status);
            if (!reason.equals(NONE)) {
                fields.put("reason", reason);
            }
            fields.put("ms", ms);
            fields.put("degraded", degraded);
            if (!detail.isEmpty()) {
                fields.put("detail", detail);
            }
            String text = event + " room=" + room + " status=" + status + " reason=" + reason + " attempts=" + attempts
                    + " ms=" + ms + (degraded ? " degraded=true" : "")
                    + (detail.isEmpty() ? "" : " detail=" + quoted(detail));
            LOG.infof("%s", new Line(text, fields));
        }
    }

    /**
     * An event's line in both forms that the log has.
     *
     * @param text as it stands in a log of text
     * @param fields as {@link JsonLog} shows it; what the event has not is left out, and each field is of one type
     *     always, so that what collects the log can keep it
     */
    record Line(String text, Map<String, Object> fields) {

        @Override
        public String toString() {
            return text;
        }
    }

    /** In quotes, with quotes, backslashes and everything that could break or forge a line as escapes. */
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
