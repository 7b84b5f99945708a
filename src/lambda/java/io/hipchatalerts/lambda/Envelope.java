package io.hipchatalerts.lambda;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.alert.BadAlert;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** An invocation's input, by its sender. */
sealed interface Envelope
        permits Envelope.Check, Envelope.Direct, Envelope.EventBridge, Envelope.Sns, Envelope.Sqs, HttpCall {

    /** The only form of a {@link Check}. */
    JsonNode CHECK = JsonNodeFactory.instance.objectNode().put("check", true);

    /** The request to check rooms and tokens, {@code {"check": true}}. */
    record Check() implements Envelope {}

    /** Kapacitor's alert JSON itself, or the request to flush. */
    record Direct(JsonNode alert) implements Envelope {}

    /** An event from a bus; the alert is its {@code detail}. */
    record EventBridge(JsonNode alert) implements Envelope {}

    /** Messages from a topic; SNS sends one at a time. */
    record Sns(List<QueueMessage> messages) implements Envelope {}

    /** Messages from a queue. */
    record Sqs(List<QueueMessage> messages) implements Envelope {}

    /**
     * Recognizes the kind of input.
     *
     * @throws BadAlert if it is none of these; the message describes it
     */
    static Envelope of(JsonNode event) {
        if (event.isArray()) {
            throw new BadAlert(
                    "This is a JSON array, as EventBridge Pipes sends it; have the queue invoke this function"
                            + " itself: replace the pipe by an event source mapping of the queue, with ReportBatchItemFailures");
        }
        // Every alert has a level, and no envelope has one.
        if (event.has("level") || AlertPipeline.isFlush(event)) {
            return new Direct(event);
        }
        if (CHECK.equals(event)) {
            return new Check();
        }
        if (event.path("Records").isArray()) {
            return ofRecords(event.get("Records"));
        }
        if (event.path("requestContext").has("http")) {
            return new HttpCall(event);
        }
        if (Content.isEventBridge(event)) {
            return new EventBridge(Content.of(event, Optional.empty()).alert());
        }
        Content.refuseCloudEvent(event);
        // AlertReader explains what is wrong with it.
        if (event.has("id") || event.has("message")) {
            return new Direct(event);
        }
        throw unknown(event.isObject() ? "an object with the keys " + keys(event) : "not a JSON object");
    }

    private static Envelope ofRecords(JsonNode records) {
        Set<String> sources = new TreeSet<>();
        records.forEach(record -> sources.add(
                record.path("eventSource").asText(record.path("EventSource").asText())));
        if (sources.equals(Set.of("aws:sqs"))) {
            return new Sqs(elements(records).map(QueueMessage::ofSqs).toList());
        }
        if (sources.equals(Set.of("aws:sns"))) {
            return new Sns(elements(records).map(QueueMessage::ofSns).toList());
        }
        throw unknown(
                sources.isEmpty() ? "no records at all" : "records of " + BadAlert.quote(String.join(", ", sources)));
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static String keys(JsonNode event) {
        return BadAlert.quote(
                event.properties().stream().map(property -> property.getKey()).collect(joining(", ")));
    }

    private static BadAlert unknown(String what) {
        return new BadAlert("This is neither Kapacitor's alert JSON, which has a level, nor an event of SQS, SNS,"
                + " EventBridge, a Function URL or an HTTP API with payload format 2.0; it is " + what);
    }
}
