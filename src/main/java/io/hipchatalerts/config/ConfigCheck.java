package io.hipchatalerts.config;

import io.hipchatalerts.alert.Token;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
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
        unsafe(ConfigProvider.getConfig())
                .forEach(key -> LOG.warnf(
                        "%s lets anyone who gets in between pass for the server, and learn the token. Leave it unset, and"
                                + " name a private CA in quarkus.tls.<name>.trust-store.pem.certs",
                        key));
        boolean forgetful = config.state().store() == HipChatConfig.Store.MEMORY
                && config.global()
                && config.stateChangesOnly()
                && LaunchMode.current() == LaunchMode.NORMAL;
        if (forgetful) {
            LOG.warn("hipchat.state.store=memory keeps state changes only for this one process: a restart or a second"
                    + " instance tells levels again. Set it to redis or dynamodb");
        }
    }

    /**
     * The settings that have anyone pass for HipChat or the store. They are Quarkus', and who sets one means it; but one
     * that was set to try something must not be forgotten.
     */
    static List<String> unsafe(Config all) {
        Stream<String> trusting = Stream.of("", "hipchat.", "redis.")
                .map(name -> "quarkus.tls." + name + "trust-all")
                .filter(key -> all.getOptionalValue(key, Boolean.class).orElse(false));
        Stream<String> notLooking = Stream.of("", "hipchat.")
                .map(name -> "quarkus.rest-client." + name + "verify-host")
                .filter(key -> !all.getOptionalValue(key, Boolean.class).orElse(true));
        Stream<String> nameless = Stream.of("", "hipchat.", "redis.")
                .map(name -> "quarkus.tls." + name + "hostname-verification-algorithm")
                .filter(key -> all.getOptionalValue(key, String.class)
                        .filter("NONE"::equalsIgnoreCase)
                        .isPresent());
        return Stream.of(trusting, notLooking, nameless).flatMap(keys -> keys).toList();
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
