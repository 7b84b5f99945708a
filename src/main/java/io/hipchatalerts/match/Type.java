package io.hipchatalerts.match;

import io.hipchatalerts.alert.KebabCase;

/** The types of expressions. Levels are integers from 0 (OK) to 3 (CRITICAL), as in Kapacitor. */
enum Type {
    BOOLEAN,
    INTEGER,
    FLOAT,
    TEXT,
    DURATION,
    REGEX;

    @Override
    public String toString() {
        return KebabCase.of(this);
    }
}
