package io.hipchatalerts.outcome;

import io.hipchatalerts.alert.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** The log line of an event, as a text and as the fields of a JSON object. */
public final class LogLine {

    private final StringJoiner text = new StringJoiner(" ");
    private final Map<String, Object> fields = new LinkedHashMap<>();

    /** Begins the line of an event that could not be read. */
    public static LogLine ofUnread() {
        return new LogLine().add("id", "-", null).add("level", "-", null).add("topic", "-", null);
    }

    /** Begins the line of an event. */
    public static LogLine of(String id, Level level, Optional<String> topic) {
        return new LogLine().quoted("id", id).plain("level", level).quoted("topic", topic.orElse(null));
    }

    /** Adds a value that others choose; null for none. */
    public LogLine quoted(String name, String value) {
        return add(name, value == null ? "-" : LogText.quoted(value), value);
    }

    /** Adds a number or a constant. */
    public LogLine plain(String name, Object value) {
        return add(name, value.toString(), value instanceof Enum<?> ? value.toString() : value);
    }

    /**
     * Adds a value.
     *
     * @param shown the value in the text; null to leave it out there
     * @param value the value of the field, always of the same type, so that log collectors can index it; null for none
     */
    public LogLine add(String name, String shown, Object value) {
        if (shown != null) {
            text.add(name + "=" + shown);
        }
        if (value != null) {
            fields.put(name, value);
        }
        return this;
    }

    /** Adds an error text at the end; empty for none. */
    public LogLine detail(String detail) {
        return detail.isEmpty() ? this : quoted("detail", detail);
    }

    /** Returns the fields in a JSON log. */
    public Map<String, Object> fields() {
        return fields;
    }

    /** Returns the line in a text log. */
    @Override
    public String toString() {
        return text.toString();
    }
}
