package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Events as AWS makes them, with an alert of the test's own in them. */
final class Events {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The headers of a CloudEvent in binary mode. */
    static final Map<String, String> BINARY =
            Map.of("ce-id", "1", "ce-source", "s", "ce-type", "t", "ce-specversion", "1.0");

    /** The header of a CloudEvent in structured mode. */
    static final Map<String, String> STRUCTURED = Map.of("content-type", "application/cloudevents+json");

    private Events() {}

    /** One of the samples under {@code events/lambda}. */
    static String sample(String name) {
        try (InputStream event = Events.class.getResourceAsStream("/events/lambda/" + name)) {
            return new String(event.readAllBytes(), UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static ObjectNode parsed(String name) {
        return parse(sample(name));
    }

    static ObjectNode parse(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** An alert for a room. */
    static String alert(String id, String room) {
        return "{\"id\":\"%1$s\",\"message\":\"%1$s is down\",\"level\":\"CRITICAL\",\"options\":{\"room\":\"%2$s\"}}"
                .formatted(id, room);
    }

    static String sns(String message) {
        ObjectNode event = parsed("sns.json");
        ((ObjectNode) event.at("/Records/0/Sns")).put("Message", message);
        return event.toString();
    }

    /** An SQS event of one message. */
    static String sqs(String message) {
        return sqs(Map.of("m0", message));
    }

    /** An SQS event of the messages, by their ids. */
    static String sqs(Map<String, String> messages) {
        ObjectNode event = parsed("sqs.json");
        ArrayNode records = (ArrayNode) event.get("Records");
        JsonNode record = records.remove(0);
        messages.forEach((id, body) -> records.add(
                ((ObjectNode) record.deepCopy()).put("messageId", id).put("body", body)));
        return event.toString();
    }

    /** An SQS event of a FIFO queue: each record is {@code GROUP ID BODY}, oldest first. */
    static String fifo(String... records) {
        ObjectNode event = parsed("sqs-fifo.json");
        ArrayNode all = (ArrayNode) event.get("Records");
        JsonNode sample = all.get(0);
        all.removeAll();
        for (String record : records) {
            String[] parts = record.split(" ", 3);
            ObjectNode copy = sample.deepCopy();
            ((ObjectNode) copy.get("attributes")).put("MessageGroupId", parts[0]);
            all.add(copy.put("messageId", parts[1]).put("body", parts[2]));
        }
        return event.toString();
    }

    /** The envelope that SNS puts around a message to a queue without raw message delivery. */
    static String notification(String message) {
        return JSON.createObjectNode()
                .put("Type", "Notification")
                .put("MessageId", "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")
                .put("Message", message)
                .toString();
    }

    static String cloudEvent(String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":" + data + "}";
    }

    /** A call whose query string AWS has parsed, with the values of a repeated parameter joined. */
    static String functionUrl(String body, String rawQuery, Map<String, String> parsedQuery) {
        ObjectNode event = parse(functionUrl(body)).put("rawQueryString", rawQuery);
        parsedQuery.forEach(event.putObject("queryStringParameters")::put);
        return event.toString();
    }

    static String eventBridge(String alert) {
        ObjectNode event = parsed("eventbridge.json");
        event.set("detail", parse(alert));
        return event.toString();
    }

    static String functionUrl(String body) {
        ObjectNode event = parsed("function-url.json");
        event.remove(List.of("queryStringParameters", "rawQueryString"));
        return event.put("body", body).toString();
    }

    static String functionUrl(String body, Map<String, String> headers) {
        ObjectNode event = parse(functionUrl(body));
        ObjectNode all = (ObjectNode) event.get("headers");
        headers.forEach(all::put);
        return event.toString();
    }

    static String functionUrl(String body, String method) {
        ObjectNode event = parse(functionUrl(body));
        ((ObjectNode) event.at("/requestContext/http")).put("method", method);
        return event.toString();
    }
}
