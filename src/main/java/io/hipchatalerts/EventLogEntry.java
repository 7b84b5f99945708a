package io.hipchatalerts;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.LogLine;
import io.hipchatalerts.outcome.LogText;
import io.hipchatalerts.outcome.Outcome;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.routing.Origin;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** The log entry of one event, written when the event ends. */
final class EventLogEntry {

    private static final Logger LOG = Logger.getLogger("io.hipchatalerts.alert");

    private final long start = System.nanoTime();
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private final EventLog log;
    private String event = "id=- level=- topic=-";

    EventLogEntry(EventLog log) {
        this.log = log;
    }

    void is(AlertEvent alert, Origin origin) {
        Optional<String> topic = alert.topic().or(origin::topic);
        event = "id=" + LogText.quoted(alert.id()) + " level=" + alert.level() + " topic="
                + topic.map(LogText::quoted).orElse("-");
        fields.put("id", alert.id());
        fields.put("level", alert.level().toString());
        topic.ifPresent(name -> fields.put("topic", name));
    }

    Outcome endsWith(Outcome outcome) {
        List<DeliveryOutcome> deliveries = outcome.deliveries();
        log.count(outcome.status().toString(), outcome.reason());
        List<String> rooms = deliveries.stream()
                .map(DeliveryOutcome::room)
                .filter(Objects::nonNull)
                .toList();
        if (!rooms.isEmpty()) {
            fields.put("room", String.join(",", rooms));
        }
        fields.put(
                "attempts",
                deliveries.stream().mapToInt(DeliveryOutcome::attempts).sum());
        write(
                each(deliveries, delivery -> delivery.room() == null ? "-" : LogText.quoted(delivery.room())),
                outcome.status().toString(),
                outcome.reason(),
                each(deliveries, delivery -> String.valueOf(delivery.attempts())),
                outcome.degraded(),
                outcome.detail());
        return outcome;
    }

    BadAlert endsWith(BadAlert bad) {
        log.count(EventLog.INVALID, null);
        fields.put("attempts", 0);
        write("-", EventLog.INVALID, null, "0", false, bad.getMessage());
        return bad;
    }

    /** Logs and counts an event that was lost to {@code bug}. */
    void endsByBug(Throwable bug) {
        log.count(Status.FAILED.toString(), null);
        fields.put("attempts", 0);
        write(
                "-",
                Status.FAILED.toString(),
                null,
                "0",
                false,
                "a bug, " + bug.getClass().getSimpleName());
    }

    private static String each(List<DeliveryOutcome> deliveries, Function<DeliveryOutcome, String> field) {
        return deliveries.isEmpty() ? "-" : deliveries.stream().map(field).collect(joining(","));
    }

    private void write(String room, String status, Reason reason, String attempts, boolean degraded, String detail) {
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        fields.put("status", status);
        if (reason != null) {
            fields.put("reason", reason.toString());
        }
        fields.put("ms", ms);
        fields.put("degraded", degraded);
        if (!detail.isEmpty()) {
            fields.put("detail", detail);
        }
        String text = event + " room=" + room + " status=" + status + " reason=" + EventLog.orNone(reason)
                + " attempts=" + attempts + " ms=" + ms + (degraded ? " degraded=true" : "")
                + (detail.isEmpty() ? "" : " detail=" + LogText.quoted(detail));
        LOG.infof("%s", new LogLine(text, fields));
    }
}
