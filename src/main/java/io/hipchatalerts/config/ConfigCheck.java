package io.hipchatalerts.config;

import io.hipchatalerts.alert.Token;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Looks, once at start, at what a reader of single values cannot see; a bad configuration stops the start. */
@ApplicationScoped
class ConfigCheck {

    private static final Logger LOG = Logger.getLogger(ConfigCheck.class);
    private static final int LONGEST_FROM = 64;

    void atStart(@Observes StartupEvent start, HipChatConfig config) {
        problem(config)
                .or(() -> redisWithoutHosts(config, ConfigProvider.getConfig()))
                .ifPresent(problem -> {
                    throw new ConfigurationException(problem);
                });
        boolean forgetful = config.state().store() == HipChatConfig.Store.MEMORY
                && config.global()
                && config.stateChangesOnly()
                && LaunchMode.current() == LaunchMode.NORMAL;
        if (forgetful) {
            LOG.warn("hipchat.state.store=memory keeps state changes only for this one process: a restart or a second"
                    + " instance tells levels again. Set it to redis or dynamodb");
        }
    }

    /** The first thing that is wrong, in one line that names the key and never shows a secret. */
    static Optional<String> problem(HipChatConfig config) {
        if (config.enabled() && config.url().isEmpty()) {
            return Optional.of("hipchat.url must be set when hipchat.enabled is true;"
                    + " allowed is an absolute http or https address such as https://subdomain.hipchat.com/v2/room");
        }
        if (config.from().codePointCount(0, config.from().length()) > LONGEST_FROM) {
            return Optional.of("hipchat.from is \"" + config.from() + "\"; allowed are at most 64 characters");
        }
        return unprintable("hipchat.token", config.token())
                .or(() -> unprintable("hipchat.inbound-token", config.inboundToken()));
    }

    private static Optional<String> unprintable(String key, Optional<Token> token) {
        return token.filter(secret -> !secret.isPrintable())
                .map(secret -> key + " (not shown) holds characters that no token has;"
                        + " allowed are printable ASCII characters");
    }

    /** Quarkus itself would say so only when the first alert comes. */
    static Optional<String> redisWithoutHosts(HipChatConfig config, Config all) {
        boolean hasHosts = Stream.of("quarkus.redis.hosts", "quarkus.redis.hosts-provider-name")
                .anyMatch(key -> all.getOptionalValue(key, String.class).isPresent());
        return config.state().store() == HipChatConfig.Store.REDIS && !hasHosts
                ? Optional.of("quarkus.redis.hosts must be set when hipchat.state.store is redis;"
                        + " allowed are addresses such as redis://localhost:6379")
                : Optional.empty();
    }
}
