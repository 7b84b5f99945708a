package io.hipchatalerts.config;

import io.hipchatalerts.alert.Room;
import io.hipchatalerts.alert.Token;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
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
public class ConfigCheck {

    private static final Logger LOG = Logger.getLogger(ConfigCheck.class);

    private static final int LONGEST_FROM = 64;

    /** HipChat's own rooms have names of at most 100 characters (K §7.2). */
    private static final int LONGEST_ROOM = 255;

    /** With it, a key in the state store stays below DynamoDB's 2 KiB. */
    private static final int LONGEST_KEY_PREFIX = 255;

    /** The name of a DynamoDB table, or its ARN. */
    private static final Pattern TABLE = Pattern.compile("[A-Za-z0-9_.-]{1,255}|arn:[A-Za-z0-9_.:/-]{1,1020}");

    private static final Pattern TRUST_ALL = Pattern.compile("quarkus\\.(tls|redis)\\.(.+\\.)?trust-all");
    private static final Pattern VERIFY_HOST = Pattern.compile("quarkus\\.rest-client\\.(.+\\.)?verify-host");
    private static final Pattern VERIFICATION =
            Pattern.compile("quarkus\\.tls\\.(.+\\.)?hostname-verification-algorithm");

    /** Runs before anything connects, so that a bad configuration has one line in the log and not several. */
    void atStart(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent start, HipChatConfig config) {
        Config all = ConfigProvider.getConfig();
        problem(config, all).ifPresent(problem -> {
            throw new ConfigurationException(problem);
        });
        unsafe(all)
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
    public static Optional<String> problem(HipChatConfig config, Config all) {
        return TextRules.problem(all)
                .or(() -> address(config))
                .or(() -> texts(config, all))
                .or(() -> token("hipchat.token", config.tokenValue(), config.tokenFile()))
                .or(() -> token("hipchat.inbound-token", config.inboundTokenValue(), config.inboundTokenFile()))
                .or(() -> redisWithoutHosts(config, all));
    }

    private static Optional<String> address(HipChatConfig config) {
        if (config.enabled() && config.url().isEmpty()) {
            return Optional.of("hipchat.url must be set when hipchat.enabled is true;"
                    + " allowed is an absolute http or https address such as https://subdomain.hipchat.com/v2/room");
        }
        if (config.auth() == HipChatConfig.Auth.HEADER
                && config.url().flatMap(Address::userInfo).isPresent()) {
            return Optional.of("hipchat.url is \"" + config.url().get() + "\"; with hipchat.auth=header, the header has"
                    + " no place for its user and password. Remove them, or set hipchat.auth to query");
        }
        return Optional.empty();
    }

    private static Optional<String> texts(HipChatConfig config, Config all) {
        return longer("hipchat.from", config.from(), LONGEST_FROM, all)
                .or(() -> config.room().flatMap(room -> longer("hipchat.room", room, LONGEST_ROOM, all)))
                .or(() -> config.room().flatMap(room -> Room.problem("hipchat.room", room)))
                .or(() -> longer("hipchat.state.key-prefix", config.state().keyPrefix(), LONGEST_KEY_PREFIX, all))
                .or(() -> table(config.state().dynamodb().table(), all));
    }

    private static Optional<String> longer(String key, String value, int most, Config all) {
        return value.codePointCount(0, value.length()) > most
                ? Optional.of(ShownValue.of(key, value, all) + "; allowed are at most " + most + " characters")
                : Optional.empty();
    }

    private static Optional<String> token(String key, Optional<Token> value, Optional<Token> file) {
        if (value.isPresent() && file.isPresent()) {
            return Optional.of(key + " and " + key + "-file are both set; set one of them");
        }
        return value.flatMap(token -> token.problem(key));
    }

    private static Optional<String> table(String name, Config all) {
        return TABLE.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(ShownValue.of("hipchat.state.dynamodb.table", name, all)
                        + "; allowed is a table's name, of at most 255 letters, digits and _ . -, or its ARN");
    }

    /** Finds missing Redis hosts, which Quarkus would report only with the first alert. */
    private static Optional<String> redisWithoutHosts(HipChatConfig config, Config all) {
        boolean hasHosts = Stream.of("quarkus.redis.hosts", "quarkus.redis.hosts-provider-name")
                .anyMatch(key -> all.getOptionalValue(key, String.class).isPresent());
        return config.state().store() == HipChatConfig.Store.REDIS && !hasHosts
                ? Optional.of("quarkus.redis.hosts must be set when hipchat.state.store is redis;"
                        + " allowed are addresses such as redis://localhost:6379")
                : Optional.empty();
    }
}
