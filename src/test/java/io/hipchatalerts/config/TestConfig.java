package io.hipchatalerts.config;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;

/** Settings as the program reads them, without files and environment. */
public final class TestConfig {

    private TestConfig() {}

    /**
     * Returns the defaults, changed as given.
     *
     * @param keysAndValues keys without {@code hipchat.}, each followed by its value
     */
    public static HipChatConfig with(String... keysAndValues) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put("hipchat." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withDefaultValues(settings)
                .withMapping(HipChatConfig.class)
                .build()
                .getConfigMapping(HipChatConfig.class);
    }
}
