package io.hipchatalerts;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.config.Converters;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Explains why the program did not start. Quarkus reports a bad setting in several lines with class names; this is one
 * line for each, without a stack trace.
 */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final Pattern KEY = Pattern.compile("\\b(hipchat|quarkus)\\.[\\w.\"-]+");

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

    /** Names the key, the value and the allowed values, from {@link Converters} or, for enums, from SmallRye. */
    private static String line(String problem) {
        Matcher key = KEY.matcher(problem);
        if (!key.find()) {
            return redacted(problem);
        }
        String value = ConfigProvider.getConfig().getConfigValue(key.group()).getValue();
        int allowed = problem.lastIndexOf("allowed ");
        String hint = allowed < 0 ? "that is not valid" : problem.substring(allowed);
        return value == null || value.isEmpty()
                ? key.group() + " is \"\"; leave it out for the default"
                : redacted(key.group() + " is \"" + value + "\"; " + hint);
    }

    /** HipChat's own address of a room ends in the token, and any address may contain a password. */
    private static String redacted(String message) {
        return message.replaceAll("(auth_token=)[^&\"\\s]+", "$1***").replaceAll("//[^/@\"\\s]*@", "//***@");
    }
}
