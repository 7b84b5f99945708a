package io.hipchatalerts.alert;

import java.util.Arrays;
import java.util.Optional;

/** Kapacitor's alert levels, weakest first (K §3.2). */
public enum Level {
    OK,
    INFO,
    WARNING,
    CRITICAL;

    /** The level that {@code text} names in any case; empty when it names none. */
    public static Optional<Level> named(String text) {
        // Not equalsIgnoreCase: to that, the Kelvin sign is a K and the dotless i an I.
        return Arrays.stream(values())
                .filter(level -> text.matches("(?i)" + level.name()))
                .findFirst();
    }
}
