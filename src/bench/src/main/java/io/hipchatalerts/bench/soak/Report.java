package io.hipchatalerts.bench.soak;

import java.util.LinkedHashMap;
import java.util.Map;

/** The rows of a soak's result. */
final class Report {

    private final Map<String, String> rows = new LinkedHashMap<>();

    Report row(String what, Object value) {
        rows.put(what, String.valueOf(value));
        return this;
    }

    /** Prints the rows and the verdict, and returns it. */
    boolean print(boolean isRight) {
        row("result", isRight ? "as promised" : "NOT AS PROMISED");
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        System.out.println();
        rows.forEach((what, value) -> System.out.printf("%-" + width + "s  %s%n", what, value));
        return isRight;
    }
}
