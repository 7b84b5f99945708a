package io.hipchatalerts.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.EventTime;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Checks CloudEvents over HTTP. Funqy would answer a malformed one with 500, and Knative would deliver it again and again.
 */
public final class CloudEvents {

    /** The type of the answer to an event. It is rejected as input, so that no loop can arise. */
    public static final String OUTCOME_TYPE = "io.hipchatalerts.outcome";

    public static final String OUTCOME_SOURCE = "hipchat-alerts";

    private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

    private static final char LAST_ASCII = 0x7f;

    private CloudEvents() {}

    /** Returns whether the headers contain at least a part of an event in binary mode. */
    static boolean isBinary(WebRequest request) {
        return REQUIRED.stream()
                .anyMatch(attribute -> request.header("ce-" + attribute).isPresent());
    }

    /**
     * Checks an event in binary mode.
     *
     * @return the extension attribute {@code topic}
     * @throws BadAlert if an attribute is missing or invalid
     */
    static Optional<String> checkBinary(WebRequest request) {
        return check("ce-", attribute -> request.header("ce-" + attribute).map(value -> decoded(attribute, value)));
    }

    /**
     * Checks an event in structured mode.
     *
     * @return the extension attribute {@code topic}
     * @throws BadAlert if an attribute is missing or invalid
     */
    static Optional<String> checkStructured(JsonNode event) {
        if (!event.isObject()) {
            throw new BadAlert("A CloudEvent in structured mode must be one JSON object");
        }
        return check("", attribute -> Optional.ofNullable(event.get(attribute))
                .filter(node -> !node.isNull())
                .map(node -> {
                    if (!node.isTextual()) {
                        throw new BadAlert("The CloudEvent's " + attribute + " must be text");
                    }
                    return node.textValue();
                }));
    }

    /**
     * Rejects an event in structured mode, and a batch of them, where an alert is expected.
     *
     * @param correction what its sender must change
     * @throws BadAlert if {@code body} is such an event
     */
    public static void refuseStructured(JsonNode body, String correction) {
        JsonNode event = body.isArray() ? body.path(0) : body;
        // An extension attribute may be called level, as the level of an alert is.
        boolean isEvent = event.path("specversion").isTextual()
                && (!event.has("level")
                        || (event.path("type").isTextual()
                                && event.path("source").isTextual()));
        if (isEvent) {
            throw new BadAlert("This is a CloudEvent in structured mode; " + correction);
        }
    }

    /**
     * Returns the data of an event in structured mode.
     *
     * @throws BadAlert if there is none, or it is not JSON
     */
    static JsonNode data(JsonNode event) {
        String dataType = event.path("datacontenttype").asText(MediaType.JSON);
        if (!MediaType.isJson(MediaType.bare(dataType))) {
            throw new BadAlert("The CloudEvent's datacontenttype must be JSON, not " + BadAlert.quote(dataType));
        }
        JsonNode data = event.path("data");
        JsonNode base64 = event.path("data_base64");
        if (event.hasNonNull("data") && event.hasNonNull("data_base64")) {
            throw new BadAlert("The CloudEvent has both data and data_base64; it must have only one");
        }
        if (base64.isTextual()) {
            data = JsonText.read(decodedBase64(base64.textValue()), "The CloudEvent's data_base64");
        }
        if (data.isMissingNode() || data.isNull()) {
            throw new BadAlert("The CloudEvent has no data; it must contain Kapacitor's alert event");
        }
        return data;
    }

    private static byte[] decodedBase64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            throw new BadAlert("The CloudEvent's data_base64 is not Base64");
        }
    }

    private static Optional<String> check(String prefix, Function<String, Optional<String>> attributes) {
        for (String name : REQUIRED) {
            if (attributes.apply(name).filter(value -> !value.isEmpty()).isEmpty()) {
                throw new BadAlert("The CloudEvent lacks the attribute " + prefix + name);
            }
        }
        if (attributes.apply("specversion").filter("1.0"::equals).isEmpty()) {
            throw new BadAlert("The CloudEvent's " + prefix + "specversion must be 1.0");
        }
        attributes
                .apply("time")
                .filter(time -> EventTime.parseRfc3339(time).isEmpty())
                .ifPresent(time -> {
                    throw new BadAlert(
                            "The CloudEvent's " + prefix + "time must be RFC 3339, not " + BadAlert.quote(time));
                });
        if (attributes.apply("type").filter(OUTCOME_TYPE::equals).isPresent()) {
            throw new BadAlert("An event of type " + OUTCOME_TYPE + " is this function's own answer; filter the trigger"
                    + " so that it does not deliver answers");
        }
        return attributes.apply("topic").filter(topic -> !topic.isEmpty());
    }

    /** Decodes a header value, which may be quoted and is percent-encoded UTF-8 (CloudEvents HTTP binding §3.1.3.2). */
    private static String decoded(String attribute, String header) {
        if (!header.chars().allMatch(c -> c <= LAST_ASCII)) {
            // The server has read each byte as one character, so the topic would be another.
            throw new BadAlert("The CloudEvent's ce-" + attribute + " must be percent-encoded");
        }
        boolean quoted = header.length() > 1 && header.startsWith("\"") && header.endsWith("\"");
        String value = quoted ? header.substring(1, header.length() - 1).replaceAll("\\\\(.)", "$1") : header;
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return value;
        }
    }
}
