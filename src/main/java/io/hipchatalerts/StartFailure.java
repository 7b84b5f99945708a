package io.hipchatalerts;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.config.Converters;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Explains why the program did not start. Quarkus reports a bad setting in several lines with class names; this is one
 * line for each, without a stack trace.
 */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private StartFailure(String lines) {
        super(lines, null, false, false);
    }

    /** Returns {@code failure} as lines for the user if it is due to a setting, or else as it is. */
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
        if (root instanceof ConfigurationException || root instanceof QuarkusBindException) {
            return new StartFailure(redacted(root.getMessage()));
        }
        return new IllegalStateException("The start failed", failure);
    }

    /** Names the key, the value and what is allowed. The last part is that of {@link Converters} or SmallRye's for enums. */
    private static String line(String problem) {
        Config config = ConfigProvider.getConfig();
        int allowed = problem.lastIndexOf("allowed ");
        return StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                .filter(key -> key.startsWith("hipchat.") && problem.contains(" " + key + " "))
                .min(Comparator.comparing(problem::indexOf))
                .map(key -> {
                    String value = Objects.requireNonNullElse(
                            config.getConfigValue(key).getValue(), "");
                    String what =
                            value.isEmpty() ? "leave it out for the default" : problem.substring(Math.max(0, allowed));
                    return redacted(key + " is \"" + value + "\"; " + what);
                })
                .orElse(redacted(problem));
    }

    /** HipChat's own address of a room ends in the token, and users take it for hipchat.url. */
    private static String redacted(String message) {
        return message.replaceAll("(auth_token=)[^&\"\\s]+", "$1***");
    }
}
