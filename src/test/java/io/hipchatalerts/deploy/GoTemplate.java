package io.hipchatalerts.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hipchatalerts.alert.EventTime;
import java.time.Instant;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of Go's text/template that the examples use, with Kapacitor's function {@code json}. Everything else is an
 * error: {@code {{ json . }}}, {@code {{ json .Field }}} and {@code {{ json (print .Field "text" .Time.UnixNano) }}}.
 */
final class GoTemplate {

    private static final Pattern ACTION = Pattern.compile("\\{\\{(.*?)}}", Pattern.DOTALL);
    private static final Pattern JSON = Pattern.compile(" json (\\S+) ");
    private static final Pattern JSON_OF_PRINT = Pattern.compile(" json \\(print (\\S+) \"([^\"\\\\]*)\" (\\S+)\\) ");

    /** Kapacitor's names for the parts of an alert in templates, and in the JSON (K §5.1, §5.2). */
    private static final Map<String, String> FIELDS = Map.of(
            ".ID", "id",
            ".Message", "message",
            ".Details", "details",
            ".Time", "time",
            ".Duration", "duration",
            ".Level", "level",
            ".Data", "data",
            ".PreviousLevel", "previousLevel",
            ".Recoverable", "recoverable");

    private GoTemplate() {}

    /**
     * Returns the body that Kapacitor sends for an alert.
     *
     * @param alert the alert in Kapacitor's own JSON
     */
    static String render(String template, JsonNode alert) {
        return ACTION.matcher(template).replaceAll(action -> Matcher.quoteReplacement(json(action, alert)));
    }

    private static String json(MatchResult action, JsonNode alert) {
        Matcher json = JSON.matcher(action.group(1));
        if (json.matches()) {
            return (json.group(1).equals(".") ? alert : field(json.group(1), alert)).toString();
        }
        Matcher print = JSON_OF_PRINT.matcher(action.group(1));
        if (print.matches()) {
            return new TextNode(text(print.group(1), alert) + print.group(2) + text(print.group(3), alert)).toString();
        }
        throw new IllegalArgumentException("Not known here: " + action.group());
    }

    private static String text(String operand, JsonNode alert) {
        if (operand.equals(".Time.UnixNano")) {
            Instant time = EventTime.parse(field(".Time", alert).textValue()).orElseThrow();
            return String.valueOf(
                    Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano()));
        }
        JsonNode field = field(operand, alert);
        if (!field.isTextual()) {
            throw new IllegalArgumentException("Not known here: print " + operand);
        }
        return field.textValue();
    }

    private static JsonNode field(String operand, JsonNode alert) {
        if (!FIELDS.containsKey(operand)) {
            throw new IllegalArgumentException("Kapacitor's alert has no " + operand);
        }
        return alert.required(FIELDS.get(operand));
    }
}
