package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** Events as AWS makes them, with an alert of the test's own in them. */
final class Events {

    private static final ObjectMapper JSON = new ObjectMapper();

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

    /** An SQS event of the messages, by their ids. */
    static String sqs(Map<String, String> messages) {
        ObjectNode event = parsed("sqs.json");
        ArrayNode records = (ArrayNode) event.get("Records");
        JsonNode record = records.remove(0);
        messages.forEach((id, body) -> records.add(
                ((ObjectNode) record.deepCopy()).put("messageId", id).put("body", body)));
        return event.toString();
    }

    static String eventBridge(String alert) {
        ObjectNode event = parsed("eventbridge.json");
        event.set("detail", parse(alert));
        return event.toString();
    }

    static String functionUrl(String body) {
        ObjectNode event = parsed("function-url.json");
        event.remove("queryStringParameters");
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
