package io.hipchatalerts.alert;

import java.util.Arrays;
import java.util.Optional;

/** Kapacitor's alert levels, from OK to the worst (K §3.2). */
public enum Level {
    OK,
    INFO,
    WARNING,
    CRITICAL;

    /** Returns the level that {@code text} names in upper or lower case, or empty if it names none. */
    public static Optional<Level> named(String text) {
        // equalsIgnoreCase would accept the Kelvin sign for K and the dotless i for I.
        return Arrays.stream(values())
                .filter(level -> text.matches("(?i)" + level.name()))
                .findFirst();
    }
}
