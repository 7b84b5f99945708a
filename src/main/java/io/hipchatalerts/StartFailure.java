package io.hipchatalerts;

import static java.util.stream.Collectors.joining;

import io.smallrye.config.ConfigValidationException;
import java.util.stream.IntStream;

/**
 * Why the program did not start. Quarkus tells a bad setting in several lines and with class names; here it is one line
 * each, and no stack trace.
 */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private StartFailure(String lines) {
        super(lines, null, false, false);
    }

    /** {@code failure} in a form to be read by whoever can mend it; as it is, where only a programmer could. */
    public static RuntimeException of(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof ConfigValidationException bad) {
            return new StartFailure(IntStream.range(0, bad.getProblemCount())
                    .mapToObj(problem -> line(bad.getProblem(problem).getMessage()))
                    .collect(joining("\n")));
        }
        if (root.getClass().getName().startsWith("io.quarkus.runtime")) {
            // A setting that was looked at as a whole, or a port that is taken.
            return new StartFailure(line(root.getMessage()));
        }
        return new IllegalStateException("The start failed", failure);
    }

    /** In the words of the other checks, without the numbers and class names that help nobody to mend a setting. */
    private static String line(String message) {
        return message.replaceFirst("^[\\w.]+Exception: ", "")
                .replaceAll("SRCFG\\d+: ", "")
                // HipChat's own address of a room ends in the token, and is easily taken for hipchat.url.
                .replaceAll("(auth_token=)[^&\"\\s]+", "$1***")
                .replaceFirst("Cannot convert .* to enum class \\S+, allowed values: ", "not understood; allowed are ")
                .replaceFirst(
                        "^The config property (\\S+) is defined as the empty String .*",
                        "$1 is \"\": empty; leave it out for the default")
                .replaceFirst(
                        "^The config property (\\S+) with the config value (\".*\") threw an Exception whilst being"
                                + " converted ",
                        "$1 is $2: ");
    }
}
