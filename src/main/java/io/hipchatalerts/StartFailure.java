package io.hipchatalerts;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.config.Converters;
import io.hipchatalerts.config.ShownValue;
import io.hipchatalerts.config.StrippedValues;
import io.hipchatalerts.config.TextRules;
import io.hipchatalerts.kapacitor.KapacitorSettings;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Explains why the program did not start. Quarkus reports a bad setting in several lines with class names; this is one
 * line for each, without a stack trace.
 */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final Pattern KEY = Pattern.compile("\\b(hipchat|quarkus)\\.[\\w.\"-]+|KAPACITOR_HIPCHAT_\\w+");

    /** The allowed values in messages of our converters and of SmallRye's enums. */
    private static final Pattern ALLOWED = Pattern.compile("allowed (is|are|values:) [^\n\r]*$");

    private StartFailure(String lines) {
        super(lines, null, false, false);
    }

    /** Returns {@code failure} as lines for the user if it is due to a setting, or else as it is. */
    public static RuntimeException of(Throwable failure) {
        return of(failure, ConfigProvider.getConfig());
    }

    static RuntimeException of(Throwable failure, Config settings) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof ConfigValidationException bad) {
            Config now = withAllSources(settings);
            return new StartFailure(IntStream.range(0, bad.getProblemCount())
                    .mapToObj(problem -> line(bad.getProblem(problem).getMessage(), now))
                    .collect(joining("\n")));
        }
        String message = Objects.requireNonNullElse(root.getMessage(), "");
        Matcher key = KEY.matcher(message);
        if (root instanceof ConfigurationException ? key.find() : key.lookingAt()) {
            return new StartFailure(ShownValue.inMessage(message));
        }
        // Some of Quarkus' clients are made before our own check at start, and fail without naming the key.
        Optional<String> setting = TextRules.problem(settings);
        if (setting.isPresent()) {
            return new StartFailure(setting.get());
        }
        return root instanceof ConfigurationException || root instanceof QuarkusBindException
                ? new StartFailure(ShownValue.inMessage(message))
                : new IllegalStateException("The start failed", failure);
    }

    /**
     * Returns {@code settings} with the environment of this process and with Kapacitor's settings. If a setting is bad,
     * there is only a configuration without Kapacitor's, in a native executable with the environment of the machine that
     * built it.
     */
    private static Config withAllSources(Config settings) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withInterceptors(new StrippedValues())
                .withProfiles(settings.unwrap(SmallRyeConfig.class).getProfiles());
        settings.getConfigSources().forEach(builder::withSources);
        builder.withSources(new EnvConfigSource(System.getenv(), EnvConfigSource.ORDINAL + 1));
        Config withoutKapacitors = builder.build();
        try {
            return builder.withSources(new KapacitorSettings()).build();
        } catch (ConfigurationException unusable) {
            // They stop the next start, with a line of their own.
            return withoutKapacitors;
        }
    }

    /** Names the key, the value and the allowed values, from {@link Converters} or, for enums, from SmallRye. */
    private static String line(String problem, Config settings) {
        Matcher key = KEY.matcher(problem);
        if (!key.find()) {
            return ShownValue.inMessage(problem);
        }
        Matcher allowed = ALLOWED.matcher(problem);
        return TextRules.problem(key.group(), settings)
                .orElseGet(() -> line(
                        key.group(),
                        settings.getConfigValue(key.group()).getValue(),
                        allowed.find() ? allowed.group() : "that is not valid",
                        settings));
    }

    private static String line(String key, String value, String allowed, Config settings) {
        return value == null || value.isEmpty()
                ? key + " is \"\"; leave it out for the default"
                : ShownValue.of(key, value, settings) + "; " + allowed;
    }
}
