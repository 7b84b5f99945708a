package io.hipchatalerts.config;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.Priorities;
import jakarta.annotation.Priority;
import java.util.regex.Pattern;

/**
 * Drops the white space around a value when it is read, so that every reader gets the value that is validated. A line end
 * after a value is easily left behind by an editor, by {@code echo} or by a file with Windows' line ends.
 */
@Priority(Priorities.APPLICATION)
public final class StrippedValues implements ConfigSourceInterceptor {

    private static final long serialVersionUID = 1L;

    /** The settings that src/docs/configuration.md names: ours, and those of the clients for HipChat and the stores. */
    static final Pattern DOCUMENTED = Pattern.compile("(hipchat|quarkus\\.(redis|dynamodb|tls|rest-client))\\..*");

    @Override
    public ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        ConfigValue value = context.proceed(name);
        return value == null
                        || value.getValue() == null
                        || !DOCUMENTED.matcher(name).matches()
                ? value
                : value.withValue(value.getValue().strip());
    }
}
