package io.hipchatalerts.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Settings as the program reads them, without files and environment. */
public final class TestConfig {

    private TestConfig() {}

    /**
     * Returns the defaults, changed as given.
     *
     * @param keysAndValues keys without {@code hipchat.}, each followed by its value
     */
    public static HipChatConfig with(String... keysAndValues) {
        return of(settings(keysAndValues)).getConfigMapping(HipChatConfig.class);
    }

    /** Returns the problem of the same settings. */
    static Optional<String> problem(String... keysAndValues) {
        SmallRyeConfig all = of(settings(keysAndValues));
        return ConfigCheck.problem(all.getConfigMapping(HipChatConfig.class), all);
    }

    /** Returns {@code settings} with all rules that the program has for them. */
    public static SmallRyeConfig of(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredInterceptors()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .withMapping(HipChatConfig.class)
                .build();
    }

    private static Map<String, String> settings(String... keysAndValues) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put("hipchat." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return settings;
    }
}
