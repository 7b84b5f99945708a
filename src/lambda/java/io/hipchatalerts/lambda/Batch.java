package io.hipchatalerts.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.Concurrently;
import io.hipchatalerts.EventLog;
import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.AlertReader;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.routing.Origin;
import io.hipchatalerts.web.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.context.ManagedExecutor;

/** The messages of one invocation. Alerts run side by side, the events of one alert in the order of their times. */
@ApplicationScoped
class Batch {

    /**
     * A message whose alert was not told and should have been.
     *
     * @param messageId the queue's or topic's own name for it
     * @param detail what went wrong and what to change
     */
    record Failure(String messageId, String detail) {}

    /** A message with an alert event in it. */
    private record Item(String messageId, JsonNode alert, AlertEvent event, Origin origin) {

        static Item of(QueueMessage message, Instant arrived) {
            QueueMessage.Content content = message.content();
            return new Item(
                    message.id(),
                    content.alert(),
                    AlertReader.read(content.alert(), arrived),
                    new Origin(false, content.topic(), () -> RequestOptions.NONE, arrived));
        }

        /** The same for two events of one alert; events without an id belong to none. */
        List<String> alertKey() {
            return event.id().isEmpty()
                    ? List.of(messageId)
                    : List.of(event.topic().or(origin::topic).orElse(""), event.id());
        }
    }

    private final Alerts alerts;
    private final EventLog eventLog;
    private final ManagedExecutor executor;

    Batch(Alerts alerts, EventLog eventLog, ManagedExecutor executor) {
        this.alerts = alerts;
        this.eventLog = eventLog;
        this.executor = executor;
    }

    /**
     * Takes all of them through to their end, within the one deadline that begins with {@code arrived}.
     *
     * @return those that failed; each is in the log, once
     */
    List<Failure> tell(List<QueueMessage> messages, Instant arrived) {
        List<Failure> failures = new ArrayList<>();
        Map<List<String>, List<Item>> byAlert = new LinkedHashMap<>();
        for (QueueMessage message : messages) {
            try {
                Item item = Item.of(message, arrived);
                byAlert.computeIfAbsent(item.alertKey(), first -> new ArrayList<>())
                        .add(item);
            } catch (BadAlert bad) {
                eventLog.invalid("message " + message.id() + ": " + bad.getMessage());
                failures.add(new Failure(message.id(), bad.getMessage()));
            }
        }
        List<Supplier<List<Failure>>> alertByAlert = byAlert.values().stream()
                .<Supplier<List<Failure>>>map(items -> () -> tellInOrder(items))
                .toList();
        Concurrently.all(alertByAlert, executor).forEach(failures::addAll);
        return failures;
    }

    private List<Failure> tellInOrder(List<Item> items) {
        return items.stream()
                .sorted(Comparator.comparing(item -> item.event().time()))
                .flatMap(item -> tell(item).stream())
                .toList();
    }

    private Optional<Failure> tell(Item item) {
        try {
            alerts.tell(item.alert(), item.origin());
            return Optional.empty();
        } catch (ProblemException problem) {
            return Optional.of(new Failure(item.messageId(), problem.getMessage()));
        }
    }
}
