package io.hipchatalerts.match;

import io.hipchatalerts.alert.AlertEvent;

/**
 * A parsed expression.
 *
 * @param type what its value always is: {@code Boolean}, {@code Long} (durations too, in nanoseconds), {@code Double},
 *     {@code String} or {@code Pattern}
 * @param value how it is found
 */
record Expression(Type type, Value value) {

    /** An expression's value in an event. */
    interface Value {
        Object in(AlertEvent event) throws MatchFailed;
    }

    static Expression constant(Type type, Object value) {
        return new Expression(type, event -> value);
    }
}
