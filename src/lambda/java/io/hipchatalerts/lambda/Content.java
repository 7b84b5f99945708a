package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.web.CloudEvents;
import io.hipchatalerts.web.JsonText;
import java.util.Optional;

/**
 * The content of a message or an event, without the envelopes around it.
 *
 * @param alert Kapacitor's alert JSON, or the request to flush
 * @param topic the message attribute {@code topic}
 */
record Content(JsonNode alert, Optional<String> topic) {

    /**
     * Parses the text of a message and opens the envelopes in it.
     *
     * @param topic the message's attribute {@code topic}
     * @throws BadAlert if the text is not JSON, or is a CloudEvent
     */
    static Content of(String text, Optional<String> topic) {
        return of(JsonText.read(text.getBytes(UTF_8), "The message"), topic);
    }

    /**
     * Opens the envelopes around an alert. One may be in another: an EventBridge rule sends its events to SNS, and SNS
     * sends its messages to a queue. An envelope's own {@code topic} is stronger than that of the envelope around it.
     *
     * @throws BadAlert if it contains text that is not JSON, or a CloudEvent
     */
    static Content of(JsonNode body, Optional<String> topic) {
        if (isNotification(body)) {
            return of(
                    body.get("Message").textValue(),
                    QueueMessage.topicOfSns(body).or(() -> topic));
        }
        if (isEventBridge(body)) {
            return of(body.get("detail"), topic);
        }
        refuseCloudEvent(body);
        return new Content(body, topic);
    }

    /** Returns whether {@code body} is an event of EventBridge, with the alert as its {@code detail}. */
    static boolean isEventBridge(JsonNode body) {
        return body.has("detail-type") && body.has("detail");
    }

    /**
     * Rejects a CloudEvent where only a request has a media type.
     *
     * @throws BadAlert if {@code body} is a CloudEvent in structured mode
     */
    static void refuseCloudEvent(JsonNode body) {
        CloudEvents.refuseStructured(
                body,
                "only a Function URL or an HTTP API accepts it, with Content-Type: application/cloudevents+json;"
                        + " here, send its data alone");
    }

    /** Returns whether {@code body} is what SNS sends to a queue without raw message delivery. */
    private static boolean isNotification(JsonNode body) {
        return body.path("Type").asText().equals("Notification")
                && body.path("Message").isTextual();
    }
}
