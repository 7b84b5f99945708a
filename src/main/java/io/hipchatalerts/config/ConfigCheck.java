package io.hipchatalerts.config;

import io.hipchatalerts.alert.Room;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Checks at start what a converter of a single setting cannot check. A bad configuration stops the start. */
@ApplicationScoped
class ConfigCheck {

    private static final Logger LOG = Logger.getLogger(ConfigCheck.class);
    private static final int LONGEST_FROM = 64;

    private static final Pattern TRUST_ALL = Pattern.compile("quarkus\\.(tls|redis)\\.(.+\\.)?trust-all");
    private static final Pattern VERIFY_HOST = Pattern.compile("quarkus\\.rest-client\\.(.+\\.)?verify-host");
    private static final Pattern VERIFICATION =
            Pattern.compile("quarkus\\.tls\\.(.+\\.)?hostname-verification-algorithm");

    void atStart(@Observes StartupEvent start, HipChatConfig config) {
        problem(config)
                .or(() -> redisWithoutHosts(config, ConfigProvider.getConfig()))
                .ifPresent(problem -> {
                    throw new ConfigurationException(problem);
                });
        unsafe(ConfigProvider.getConfig())
                .forEach(key -> LOG.warnf(
                        "With %s, anyone on the network path can pose as the server and read the token. Remove it, and set"
                                + " quarkus.tls.<name>.trust-store.pem.certs to trust a private CA",
                        key));
        boolean forgetful = config.state().store() == HipChatConfig.Store.MEMORY
                && config.global()
                && config.stateChangesOnly()
                && LaunchMode.current() == LaunchMode.NORMAL;
        if (forgetful) {
            LOG.warn("hipchat.state.store=memory keeps state changes only in this process: after a restart, and by a"
                    + " second instance, levels are sent again. Set it to redis or dynamodb");
        }
    }

    /** Returns the TLS settings, whatever their configuration's name, that accept any server. */
    static List<String> unsafe(Config all) {
        return StreamSupport.stream(all.getPropertyNames().spliterator(), false)
                .filter(key -> isUnsafe(key, all))
                .sorted()
                .toList();
    }

    private static boolean isUnsafe(String key, Config all) {
        if (TRUST_ALL.matcher(key).matches()) {
            return all.getOptionalValue(key, Boolean.class).orElse(false);
        }
        if (VERIFY_HOST.matcher(key).matches()) {
            return !all.getOptionalValue(key, Boolean.class).orElse(true);
        }
        return VERIFICATION.matcher(key).matches()
                && all.getOptionalValue(key, String.class)
                        .filter("NONE"::equalsIgnoreCase)
                        .isPresent();
    }

    /** Returns the first problem in one line that names the key and shows no secret. */
    static Optional<String> problem(HipChatConfig config) {
        if (config.enabled() && config.url().isEmpty()) {
            return Optional.of("hipchat.url must be set when hipchat.enabled is true;"
                    + " allowed is an absolute http or https address such as https://subdomain.hipchat.com/v2/room");
        }
        if (config.from().codePointCount(0, config.from().length()) > LONGEST_FROM) {
            return Optional.of("hipchat.from is \"" + config.from() + "\"; allowed are at most 64 characters");
        }
        return config.room()
                .flatMap(room -> Room.problem("hipchat.room", room))
                .or(() -> config.token().flatMap(token -> token.problem("hipchat.token")))
                .or(() -> config.inboundToken().flatMap(token -> token.problem("hipchat.inbound-token")));
    }

    /** Finds missing Redis hosts, which Quarkus would report only with the first alert. */
    static Optional<String> redisWithoutHosts(HipChatConfig config, Config all) {
        boolean hasHosts = Stream.of("quarkus.redis.hosts", "quarkus.redis.hosts-provider-name")
                .anyMatch(key -> all.getOptionalValue(key, String.class).isPresent());
        return config.state().store() == HipChatConfig.Store.REDIS && !hasHosts
                ? Optional.of("quarkus.redis.hosts must be set when hipchat.state.store is redis;"
                        + " allowed are addresses such as redis://localhost:6379")
                : Optional.empty();
    }
}
