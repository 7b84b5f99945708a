package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.web.JsonText;
import java.util.Optional;

/**
 * A message from a queue or a topic.
 *
 * @param id its id there
 * @param text its body
 * @param topic its attribute {@code topic}
 */
record QueueMessage(String id, String text, Optional<String> topic) {

    /**
     * The content of a message.
     *
     * @param alert Kapacitor's alert JSON
     * @param topic the attribute {@code topic}
     */
    record Content(JsonNode alert, Optional<String> topic) {}

    /** Reads a record of an SQS event. */
    static QueueMessage ofSqs(JsonNode record) {
        return new QueueMessage(
                record.path("messageId").asText(),
                record.path("body").asText(),
                topic(record.path("messageAttributes"), "stringValue"));
    }

    /** Reads a record of an SNS event. */
    static QueueMessage ofSns(JsonNode record) {
        return ofNotification(record.path("Sns"));
    }

    private static QueueMessage ofNotification(JsonNode sns) {
        return new QueueMessage(
                sns.path("MessageId").asText(),
                sns.path("Message").asText(),
                topic(sns.path("MessageAttributes"), "Value"));
    }

    /**
     * Parses the text. In a queue that is subscribed to a topic without raw delivery, the text is SNS' envelope, which is
     * removed.
     *
     * @throws BadAlert if the text is not JSON
     */
    Content content() {
        JsonNode body = json(text);
        if (!body.path("Type").asText().equals("Notification")
                || !body.path("Message").isTextual()) {
            return new Content(body, topic);
        }
        QueueMessage inner = ofNotification(body);
        return new Content(json(inner.text), inner.topic.or(() -> topic));
    }

    private static JsonNode json(String text) {
        return JsonText.read(text.getBytes(UTF_8), "The message");
    }

    private static Optional<String> topic(JsonNode attributes, String value) {
        return Optional.of(attributes.path("topic").path(value).asText()).filter(topic -> !topic.isEmpty());
    }
}
