package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.web.JsonText;
import java.util.Optional;

/**
 * One message off a queue or a topic.
 *
 * @param id its id there
 * @param text its body
 * @param topic what its attribute {@code topic} says
 */
record QueueMessage(String id, String text, Optional<String> topic) {

    /**
     * What a message says.
     *
     * @param alert Kapacitor's alert JSON
     * @param topic what the attribute {@code topic} says
     */
    record Content(JsonNode alert, Optional<String> topic) {}

    /** A record of an SQS event. */
    static QueueMessage ofSqs(JsonNode record) {
        return new QueueMessage(
                record.path("messageId").asText(),
                record.path("body").asText(),
                topic(record.path("messageAttributes"), "stringValue"));
    }

    /** A record of an SNS event. */
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
     * Its text read as JSON. A queue that is subscribed to a topic gets SNS' envelope around each text, unless raw
     * delivery is on; that is taken off.
     *
     * @throws BadAlert when it is not JSON
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
