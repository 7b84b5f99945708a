package io.hipchatalerts.lambda;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

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
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.context.ManagedExecutor;

/**
 * Sends the messages of one invocation. Those of a FIFO queue keep their order within their message group, whether one
 * fails or not (contract §8). Other queues have no order, so the events of one alert are sent in the order of their times.
 * Different groups, and different alerts of other queues, are sent concurrently.
 */
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
     * A message that could be read.
     *
     * @param event its alert event; empty if it is the request to flush
     */
    private record Item(String messageId, JsonNode content, Optional<AlertEvent> event, Origin origin) {

        static Item of(QueueMessage message, Instant arrived) {
            Content content = message.content();
            Origin origin = new Origin(false, content.topic(), () -> RequestOptions.NONE, arrived);
            Optional<AlertEvent> event = AlertPipeline.isFlush(content.alert())
                    ? Optional.empty()
                    : Optional.of(AlertReader.read(content.alert(), arrived));
            return new Item(message.id(), content.alert(), event, origin);
        }

        /** Returns a key that the events of one alert share. An event without an id is alone. */
        List<String> alertKey() {
            return event.filter(alert -> !alert.id().isEmpty())
                    .map(alert -> List.of(alert.topic().or(origin::topic).orElse(""), alert.id()))
                    .orElse(List.of(messageId));
        }

        Instant time() {
            return event.map(AlertEvent::time).orElse(origin.arrived());
        }
    }

    private final AlertSender alertSender;
    private final EventLog eventLog;
    private final ManagedExecutor executor;

    Batch(AlertSender alertSender, EventLog eventLog, ManagedExecutor executor) {
        this.alertSender = alertSender;
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
        List<Supplier<List<Failure>>> sequences = new ArrayList<>();
        Map<Optional<String>, List<QueueMessage>> byGroup =
                messages.stream().collect(groupingBy(QueueMessage::group, LinkedHashMap::new, toList()));
        byGroup.forEach((group, ofGroup) -> {
            if (group.isPresent()) {
                sequences.add(() -> sendGroup(ofGroup, arrived));
            } else {
                byAlert(ofGroup, arrived, failures).forEach(items -> sequences.add(() -> sendByTime(items)));
            }
        });
        Concurrently.all(sequences, executor).forEach(failures::addAll);
        return failures;
    }

    /** Groups messages by their alert, and adds those that cannot be read to {@code failures}. */
    private Collection<List<Item>> byAlert(List<QueueMessage> messages, Instant arrived, List<Failure> failures) {
        Map<List<String>, List<Item>> byAlert = new LinkedHashMap<>();
        for (QueueMessage message : messages) {
            try {
                Item item = Item.of(message, arrived);
                byAlert.computeIfAbsent(item.alertKey(), first -> new ArrayList<>())
                        .add(item);
            } catch (BadAlert bad) {
                failures.add(unreadable(message, bad));
            }
        }
        return byAlert.values();
    }

    /** Sends the messages of a FIFO queue's group up to the first failure. The rest fails unsent, and comes again. */
    private List<Failure> sendGroup(List<QueueMessage> group, Instant arrived) {
        List<Failure> failures = new ArrayList<>();
        for (QueueMessage message : group) {
            try {
                Item item = Item.of(message, arrived);
                if (failures.isEmpty()) {
                    send(item).ifPresent(failures::add);
                } else {
                    failures.add(heldBack(item, failures.get(0)));
                }
            } catch (BadAlert bad) {
                failures.add(unreadable(message, bad));
            }
        }
        return failures;
    }

    private List<Failure> sendByTime(List<Item> items) {
        return items.stream()
                .sorted(Comparator.comparing(Item::time))
                .flatMap(item -> send(item).stream())
                .toList();
    }

    private Optional<Failure> send(Item item) {
        try {
            alertSender.send(item.content(), item.origin());
            return Optional.empty();
        } catch (ProblemException problem) {
            return Optional.of(new Failure(item.messageId(), problem.getMessage()));
        }
    }

    private Failure heldBack(Item item, Failure first) {
        String detail = "Not sent, since message " + first.messageId() + " before it in its message group failed";
        item.event().ifPresent(event -> eventLog.notTried(event, item.origin(), detail));
        return new Failure(item.messageId(), detail);
    }

    private Failure unreadable(QueueMessage message, BadAlert bad) {
        eventLog.invalid("message " + message.id() + ": " + bad.getMessage());
        return new Failure(message.id(), bad.getMessage());
    }
}
