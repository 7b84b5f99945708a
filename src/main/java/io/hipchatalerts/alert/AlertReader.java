package io.hipchatalerts.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads Kapacitor's alert JSON. It ignores every field that this program does not use, whatever its type: real events
 * contain strings for booleans, a capital {@code Series} and durations of centuries. The fields in use must be correct.
 */
public final class AlertReader {

    private static final Set<String> OPTIONS = Set.of("room", "token", "stateChangesOnly");
    private static final BigInteger LONGEST = BigInteger.valueOf(Long.MAX_VALUE);

    private AlertReader() {}

    /**
     * Returns the event in a request's body.
     *
     * @param arrival the event time if the body contains none
     * @throws BadAlert if the body is not an alert; the message names the correction
     */
    public static AlertEvent read(JsonNode body, Instant arrival) {
        if (body == null || !body.isObject()) {
            throw new BadAlert("The body must be one JSON object, Kapacitor's alert event");
        }
        String id = text(body, "id").orElse("");
        Level level = level(body);
        return new AlertEvent(
                id,
                message(body, id, level),
                level,
                previousLevel(body),
                time(body, arrival),
                duration(body),
                series(body),
                nonEmptyText(body, "topic"),
                options(body));
    }

    private static Level level(JsonNode body) {
        String named = text(body, "level").orElse("");
        return Level.named(named)
                .orElseThrow(() -> new BadAlert("level must be OK, INFO, WARNING or CRITICAL"
                        + (named.isEmpty() ? "; it is missing" : ", not " + BadAlert.quote(named))));
    }

    /** An empty message becomes Kapacitor's default, {@code {{ .ID }} is {{ .Level }}} (K §5.1). */
    private static String message(JsonNode body, String id, Level level) {
        String message = present(body, "message").isEmpty() ? "" : anyText(body, "message");
        return message.isEmpty() && !id.isEmpty() ? id + " is " + level : Unicode.mended(message);
    }

    /** An invalid level counts as absent: old Kapacitor versions omit it, and its value is not always right. */
    private static Optional<Level> previousLevel(JsonNode body) {
        return present(body, "previousLevel")
                .filter(JsonNode::isTextual)
                .flatMap(node -> Level.named(node.textValue()));
    }

    private static Instant time(JsonNode body, Instant arrival) {
        return text(body, "time")
                .map(text -> EventTime.parse(text)
                        .orElseThrow(() -> new BadAlert(
                                "time must be RFC 3339 or Go's default form, such as 2026-05-02T09:15:30.123Z or"
                                        + " 2026-05-02 09:15:30 +0000 UTC, not "
                                        + BadAlert.quote(text))))
                .orElse(arrival);
    }

    /** Reads nanoseconds. A number that Go cannot hold becomes Go's longest duration. */
    private static Duration duration(JsonNode body) {
        JsonNode nanos = body.path("duration");
        if (!nanos.isIntegralNumber()) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(
                nanos.bigIntegerValue().max(LONGEST.negate()).min(LONGEST).longValueExact());
    }

    /** Ignores values of the wrong type, since few events need their series. */
    private static Series series(JsonNode body) {
        JsonNode data = body.path("data");
        // Some outputs of Kapacitor before 1.3 used a capital.
        JsonNode first = (data.has("series") ? data.path("series") : data.path("Series")).path(0);
        Map<String, String> tags = new HashMap<>();
        if (first.path("tags").isObject()) {
            first.path("tags").properties().forEach(tag -> {
                if (tag.getValue().isTextual()) {
                    tags.put(tag.getKey(), tag.getValue().textValue());
                }
            });
        }
        JsonNode name = first.path("name");
        return new Series(name.isTextual() ? name.textValue() : "", tags);
    }

    private static Optional<RequestOptions> options(JsonNode body) {
        return present(body, "options").map(options -> {
            if (!options.isObject()) {
                throw new BadAlert("options must be an object with room, token or stateChangesOnly");
            }
            Set<String> unknown = new TreeSet<>();
            options.fieldNames().forEachRemaining(unknown::add);
            unknown.removeAll(OPTIONS);
            if (!unknown.isEmpty()) {
                throw new BadAlert("options has an unknown key "
                        + BadAlert.quote(unknown.iterator().next()) + "; known are room, token and stateChangesOnly");
            }
            return new RequestOptions(
                    nonEmptyText(options, "room"),
                    nonEmptyText(options, "token").map(Token::new),
                    stateChangesOnly(options));
        });
    }

    private static Optional<StateChangesOnly> stateChangesOnly(JsonNode options) {
        JsonNode value = options.path("stateChangesOnly");
        if (value.isBoolean()) {
            return Optional.of(value.booleanValue() ? StateChangesOnly.ON : StateChangesOnly.OFF);
        }
        return present(options, "stateChangesOnly")
                .map(node -> node.isTextual() ? node.textValue() : node.toString())
                .filter(text -> !text.isEmpty())
                .map(text -> StateChangesOnly.every("options.stateChangesOnly", text));
    }

    private static Optional<JsonNode> present(JsonNode object, String key) {
        return Optional.ofNullable(object.get(key)).filter(node -> !node.isNull());
    }

    private static Optional<String> nonEmptyText(JsonNode object, String key) {
        return text(object, key).filter(text -> !text.isEmpty());
    }

    private static Optional<String> text(JsonNode object, String key) {
        return present(object, key).map(node -> {
            String text = anyText(object, key);
            // Half a surrogate pair has no UTF-8 form, so the store could not distinguish two such ids.
            if (!Unicode.isWhole(text)) {
                throw new BadAlert(key + " contains half a Unicode surrogate pair");
            }
            return text;
        });
    }

    private static String anyText(JsonNode object, String key) {
        JsonNode node = object.get(key);
        if (!node.isTextual()) {
            throw new BadAlert(key + " must be text");
        }
        return node.textValue();
    }
}
