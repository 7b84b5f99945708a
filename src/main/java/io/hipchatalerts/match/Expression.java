package io.hipchatalerts.match;

import io.hipchatalerts.alert.AlertEvent;

/**
 * A parsed expression.
 *
 * @param type the type of its values: {@code Boolean}, {@code Long} (also durations, in nanoseconds), {@code Double},
 *     {@code String} or {@code Pattern}
 * @param value evaluates it
 */
record Expression(Type type, Value value) {

    /** Evaluates an expression for an event. */
    interface Value {
        Object in(AlertEvent event) throws MatchFailed;
    }

    static Expression constant(Type type, Object value) {
        return new Expression(type, event -> value);
    }
}
