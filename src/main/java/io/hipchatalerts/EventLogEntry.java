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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** The log entry of one event, written when the event ends. */
final class EventLogEntry {

    private static final Logger LOG = Logger.getLogger("io.hipchatalerts.alert");

    private final long start = System.nanoTime();
    private final EventLog log;
    private LogLine line = LogLine.ofUnread();

    EventLogEntry(EventLog log) {
        this.log = log;
    }

    void is(AlertEvent alert, Origin origin) {
        line = LogLine.of(alert.id(), alert.level(), alert.topic().or(origin::topic));
    }

    Outcome endsWith(Outcome outcome) {
        write(
                outcome.deliveries(),
                outcome.status().toString(),
                outcome.reason(),
                outcome.degraded(),
                outcome.detail());
        return outcome;
    }

    BadAlert endsWith(BadAlert bad) {
        write(List.of(), EventLog.INVALID, null, false, bad.getMessage());
        return bad;
    }

    /** Logs and counts an event that was lost to {@code bug}. */
    void endsByBug(Throwable bug) {
        Throwable thrown = bug instanceof CompletionException ? bug.getCause() : bug;
        write(
                List.of(),
                Status.FAILED.toString(),
                null,
                false,
                "a bug, " + thrown.getClass().getSimpleName());
    }

    private void write(
            List<DeliveryOutcome> deliveries, String status, Reason reason, boolean degraded, String detail) {
        log.count(status, reason);
        List<String> rooms = deliveries.stream()
                .map(DeliveryOutcome::room)
                .filter(Objects::nonNull)
                .toList();
        LOG.infof(
                "%s",
                line.add(
                                "room",
                                each(deliveries, "-", it -> it.room() == null ? "-" : LogText.quoted(it.room())),
                                rooms.isEmpty() ? null : String.join(",", rooms))
                        .plain("status", status)
                        .add("reason", EventLog.orNone(reason), reason == null ? null : reason.toString())
                        .add(
                                "attempts",
                                each(deliveries, "0", it -> String.valueOf(it.attempts())),
                                deliveries.stream()
                                        .mapToInt(DeliveryOutcome::attempts)
                                        .sum())
                        .plain("ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
                        .add("degraded", degraded ? "true" : null, degraded)
                        .detail(detail));
    }

    private static String each(List<DeliveryOutcome> deliveries, String none, Function<DeliveryOutcome, String> value) {
        return deliveries.isEmpty() ? none : deliveries.stream().map(value).collect(joining(","));
    }
}
