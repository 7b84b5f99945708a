package io.hipchatalerts.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Configurations for tests that need no running application. */
public final class TestConfig {

    private TestConfig() {}

    /** The defaults, with {@code settings} over them. */
    public static HipChatConfig of(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withMapping(HipChatConfig.class)
                .withSources(new PropertiesConfigSource(settings, "test", 500))
                .build()
                .getConfigMapping(HipChatConfig.class);
    }
}
