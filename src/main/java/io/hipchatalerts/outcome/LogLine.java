package io.hipchatalerts.outcome;

import java.util.Map;

/**
 * The log line of an event, in both formats.
 *
 * @param text the line in a text log
 * @param fields the fields in a JSON log. An absent value has no field, and a field always has the same type, so that
 *     log collectors can index it.
 */
public record LogLine(String text, Map<String, Object> fields) {

    @Override
    public String toString() {
        return text;
    }
}
