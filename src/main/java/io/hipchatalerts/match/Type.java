package io.hipchatalerts.match;

import java.util.Locale;

/** What an expression can be. Levels are integers, OK 0 to CRITICAL 3, as in Kapacitor. */
enum Type {
    BOOLEAN,
    INTEGER,
    FLOAT,
    TEXT,
    DURATION,
    REGEX;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
