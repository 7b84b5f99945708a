package io.hipchatalerts.http.dev;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** A posted room notification, checked as HipChat checks it; of a card, only the required fields. */
record PostedNotification(String message, String messageFormat, String color, boolean notifies, String from) {

    static final String RANDOM = "random";
    static final List<String> PLAIN_COLORS = List.of("yellow", "green", "red", "purple", "gray");

    private static final List<String> COLORS = List.of("yellow", "green", "red", "purple", "gray", RANDOM);
    private static final List<String> MESSAGE_FORMATS = List.of("html", "text");
    private static final int LONGEST_MESSAGE = 10_000;
    private static final int LONGEST_FROM = 64;
    private static final int LONGEST_ATTACH_TO = 36;
    private static final List<String> CARD_STYLES = List.of("file", "image", "application", "link", "media");
    private static final int LONGEST_TITLE = 500;
    private static final int LONGEST_QUOTE = 100;

    /**
     * Reads the body of a request.
     *
     * @throws RefusedException if it is not JSON, or a field breaks HipChat's rules
     */
    static PostedNotification read(String body) {
        JsonObject json = object(body);
        require(json, "message");
        text(json, "attach_to", 0, LONGEST_ATTACH_TO, "");
        if (json.containsKey("card")) {
            checkCard(json.getValue("card"));
        }
        return new PostedNotification(
                text(json, "message", 1, LONGEST_MESSAGE, ""),
                oneOf(json, "message_format", MESSAGE_FORMATS, "html"),
                oneOf(json, "color", COLORS, "yellow"),
                flag(json, "notify"),
                text(json, "from", 0, LONGEST_FROM, ""));
    }

    private static void checkCard(Object value) {
        if (!(value instanceof JsonObject card)) {
            throw wrongType("card", "object", value);
        }
        List.of("style", "id", "title").forEach(field -> require(card, field));
        oneOf(card, "style", CARD_STYLES, "");
        string(card, "id", "");
        text(card, "title", 1, LONGEST_TITLE, "");
    }

    private static void require(JsonObject json, String field) {
        if (!json.containsKey(field)) {
            throw RefusedException.invalidField(
                    field, "string", "required", null, "Required field '" + field + "' is missing");
        }
    }

    private static JsonObject object(String body) {
        if (body == null) {
            throw RefusedException.notAnObject();
        }
        try {
            return new JsonObject(body);
        } catch (DecodeException e) {
            throw RefusedException.notAnObject();
        }
    }

    private static String text(JsonObject json, String field, int shortest, int longest, String byDefault) {
        String value = string(json, field, byDefault);
        // HipChat counts code points.
        int length = value.codePointCount(0, value.length());
        if (json.containsKey(field) && length < shortest) {
            throw wrongLength(field, "minLength", value, "greater than or equal to " + shortest);
        }
        if (length > longest) {
            throw wrongLength(field, "maxLength", value, "less than or equal to " + longest);
        }
        return value;
    }

    private static String oneOf(JsonObject json, String field, List<String> allowed, String byDefault) {
        String value = string(json, field, byDefault);
        if (!allowed.contains(value)) {
            throw RefusedException.invalidField(
                    field,
                    "string",
                    "enum",
                    value,
                    "Value %s for field '%s' is not in the enumeration: %s".formatted(quote(value), field, allowed));
        }
        return value;
    }

    private static String string(JsonObject json, String field, String byDefault) {
        Object value = json.getValue(field, byDefault);
        if (value instanceof String string) {
            return string;
        }
        throw wrongType(field, "string", value);
    }

    private static boolean flag(JsonObject json, String field) {
        Object value = json.getValue(field, false);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrongType(field, "boolean", value);
    }

    private static RefusedException wrongType(String field, String expectedType, Object value) {
        return RefusedException.invalidField(
                field,
                expectedType,
                "type",
                value,
                "Value %s for field '%s' is not of type '%s'".formatted(quote(value), field, expectedType));
    }

    private static RefusedException wrongLength(String field, String validation, String value, String bound) {
        return RefusedException.invalidField(
                field,
                "string",
                validation,
                value,
                "Length of value %s for field '%s' must be %s".formatted(quote(value), field, bound));
    }

    /** Quotes a value as HipChat's Python did, but cuts it: the error object contains all of it. */
    private static String quote(Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        String text = value.toString();
        if (text.codePointCount(0, text.length()) > LONGEST_QUOTE) {
            text = text.substring(0, text.offsetByCodePoints(0, LONGEST_QUOTE)) + "…";
        }
        return value instanceof String ? "u'" + text + "'" : text;
    }
}
