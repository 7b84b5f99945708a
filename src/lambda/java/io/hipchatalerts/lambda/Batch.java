package io.hipchatalerts.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.EventLog;
import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.AlertReader;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.delivery.Concurrently;
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

/** Sends the messages of one invocation: alerts concurrently, the events of one alert in the order of their times. */
@ApplicationScoped
class Batch {

    /**
     * A message whose alert should have been sent and was not.
     *
     * @param messageId its id in the queue or topic
     * @param detail what went wrong and what to change
     */
    record Failure(String messageId, String detail) {}

    /**
     * A message with an alert event, or with the request to flush.
     *
     * @param alertKey the same for the events of one alert; an event without an id has its own
     * @param time the event's time
     */
    private record Item(String messageId, JsonNode content, List<String> alertKey, Instant time, Origin origin) {

        static Item of(QueueMessage message, Instant arrived) {
            QueueMessage.Content content = message.content();
            Origin origin = new Origin(false, content.topic(), () -> RequestOptions.NONE, arrived);
            List<String> alone = List.of(message.id());
            if (AlertPipeline.isFlush(content.alert())) {
                return new Item(message.id(), content.alert(), alone, arrived, origin);
            }
            AlertEvent event = AlertReader.read(content.alert(), arrived);
            String topic = event.topic().or(origin::topic).orElse("");
            List<String> key = event.id().isEmpty() ? alone : List.of(topic, event.id());
            return new Item(message.id(), content.alert(), key, event.time(), origin);
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
     * Sends all messages within one deadline, which starts at {@code arrived}. Each is in the log afterwards.
     *
     * @return the messages that failed
     */
    List<Failure> send(List<QueueMessage> messages, Instant arrived) {
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
                .<Supplier<List<Failure>>>map(items -> () -> sendInOrder(items))
                .toList();
        Concurrently.all(alertByAlert, executor).forEach(failures::addAll);
        return failures;
    }

    private List<Failure> sendInOrder(List<Item> items) {
        return items.stream()
                .sorted(Comparator.comparing(Item::time))
                .flatMap(item -> send(item).stream())
                .toList();
    }

    private Optional<Failure> send(Item item) {
        try {
            alerts.send(item.content(), item.origin());
            return Optional.empty();
        } catch (ProblemException problem) {
            return Optional.of(new Failure(item.messageId(), problem.getMessage()));
        }
    }
}
