package io.hipchatalerts.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.BadAlert;
import java.util.Optional;

/**
 * A message from a queue or a topic.
 *
 * @param id its id there
 * @param text its body
 * @param topic its attribute {@code topic}
 * @param group its message group, in a FIFO queue
 */
record QueueMessage(String id, String text, Optional<String> topic, Optional<String> group) {

    /** Reads a record of an SQS event. */
    static QueueMessage ofSqs(JsonNode record) {
        return new QueueMessage(
                record.path("messageId").asText(),
                record.path("body").asText(),
                topic(record.path("messageAttributes"), "stringValue"),
                group(record));
    }

    /** Reads a record of an SNS event. */
    static QueueMessage ofSns(JsonNode record) {
        JsonNode sns = record.path("Sns");
        return new QueueMessage(
                sns.path("MessageId").asText(), sns.path("Message").asText(), topicOfSns(sns), Optional.empty());
    }

    /** Returns the attribute {@code topic} of a notification of SNS. */
    static Optional<String> topicOfSns(JsonNode notification) {
        return topic(notification.path("MessageAttributes"), "Value");
    }

    /**
     * Parses the text and opens the envelopes in it.
     *
     * @throws BadAlert if the text is not JSON, or is a CloudEvent
     */
    Content content() {
        return Content.of(text, topic);
    }

    /**
     * Goes by the queue's name, which AWS requires to end in {@code .fifo}: in a standard queue a message group only
     * shares the queue fairly among senders, and has no order.
     */
    private static Optional<String> group(JsonNode record) {
        return record.path("eventSourceARN").asText().endsWith(".fifo")
                ? Optional.of(record.at("/attributes/MessageGroupId").asText())
                : Optional.empty();
    }

    private static Optional<String> topic(JsonNode attributes, String value) {
        return Optional.of(attributes.path("topic").path(value).asText()).filter(topic -> !topic.isEmpty());
    }
}
