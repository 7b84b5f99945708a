package io.hipchatalerts.alert;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** Kapacitor's alert levels, from OK to the worst (K §3.2). */
public enum Level {
    OK,
    INFO,
    WARNING,
    CRITICAL;

    // String.equalsIgnoreCase would accept the Kelvin sign for K and the dotless i for I.
    private final Pattern name = Pattern.compile("(?i)" + name());

    /** Returns the level that {@code text} names in upper or lower case, or empty if it names none. */
    public static Optional<Level> named(String text) {
        return Arrays.stream(values())
                .filter(level -> level.name.matcher(text).matches())
                .findFirst();
    }
}
