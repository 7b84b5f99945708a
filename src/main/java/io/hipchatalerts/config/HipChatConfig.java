package io.hipchatalerts.config;

import io.hipchatalerts.alert.KebabCase;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings under {@code hipchat.}, which {@code src/docs/configuration.md} explains. The first six keys are those of
 * Kapacitor's own {@code [hipchat]} section (K §1.1).
 */
@ConfigMapping(prefix = "hipchat")
public interface HipChatConfig {

    /** The default of {@link #deadline()}. */
    String DEFAULT_DEADLINE = "25s";

    /** Whether anything is sent. If false, every event is answered {@code skipped} / {@code disabled}. */
    @WithDefault("false")
    @WithConverter(Converters.StrictBoolean.class)
    boolean enabled();

    /** HipChat's address up to {@code /v2/room}. */
    Optional<@WithConverter(Converters.HttpAddress.class) Address> url();

    /** The default room. */
    Optional<String> room();

    /** The setting {@code hipchat.token}; callers need {@link #token()}. */
    @WithName("token")
    Optional<@WithConverter(Converters.Secret.class) Token> tokenValue();

    /** The content of the file that {@code hipchat.token-file} names; callers need {@link #token()}. */
    Optional<@WithConverter(Converters.SecretFile.class) Token> tokenFile();

    /** Whether to send events from a bus that do not name HipChat, too. */
    @WithDefault("false")
    @WithConverter(Converters.StrictBoolean.class)
    boolean global();

    /** State changes only for every event; takes effect only if {@link #global()} is true (K §2.1). */
    @WithDefault("false")
    @WithConverter(Converters.StrictBoolean.class)
    boolean stateChangesOnly();

    /** The time after which an unchanged level is sent again; empty: never. */
    Optional<@WithConverter(Converters.PositiveDuration.class) Duration> stateChangesOnlyInterval();

    /** The sender's label in the room, at most 64 characters. */
    @WithDefault("kapacitor")
    String from();

    /** Whether HipChat notifies its users of a message. */
    @WithDefault("true")
    @WithConverter(Converters.StrictBoolean.class)
    @WithName("notify")
    boolean notifies();

    /** The format of messages. */
    @WithDefault("auto")
    Format messageFormat();

    /** The colours of the levels. */
    ColorConfig color();

    /** Where a request carries the token. */
    @WithDefault("header")
    Auth auth();

    /** The total time that one event may take. */
    @WithDefault(DEFAULT_DEADLINE)
    @WithConverter(Converters.PositiveDuration.class)
    Duration deadline();

    /** The time that one request to HipChat may take. */
    @WithDefault("5s")
    @WithConverter(Converters.PositiveDuration.class)
    Duration requestTimeout();

    /** A {@code kapacitor.conf} whose {@code [hipchat]} section a config source reads. */
    Optional<Path> kapacitorConf();

    /** A directory of Kapacitor's topic handler files. */
    Optional<Path> handlersDir();

    /** The setting {@code hipchat.inbound-token}; callers need {@link #inboundToken()}. */
    @WithName("inbound-token")
    Optional<@WithConverter(Converters.Secret.class) Token> inboundTokenValue();

    /** The content of the file that {@code hipchat.inbound-token-file} names; callers need {@link #inboundToken()}. */
    Optional<@WithConverter(Converters.SecretFile.class) Token> inboundTokenFile();

    /** The format of log lines. */
    @WithDefault("text")
    LogFormat logFormat();

    /** The state store. */
    StateConfig state();

    /** Changes that could not be sent yet. */
    PendingConfig pending();

    /** Messages that stand for several alerts. */
    DigestConfig digest();

    /** Returns the default token. */
    default Optional<Token> token() {
        return tokenValue().or(this::tokenFile);
    }

    /** Returns the token that HTTP callers must present; empty: everybody may call. */
    default Optional<Token> inboundToken() {
        return inboundTokenValue().or(this::inboundTokenFile);
    }

    /** Returns {@code chosen} with the configured reminder interval, if it is on and names none. */
    default StateChangesOnly withInterval(StateChangesOnly chosen) {
        return chosen.on() && chosen.interval().isEmpty()
                ? new StateChangesOnly(true, stateChangesOnlyInterval())
                : chosen;
    }

    /** Settings of pending changes (contract §5a). */
    interface PendingConfig {

        /** Whether changes that cannot be sent now are kept and sent later. */
        @WithDefault("true")
        @WithConverter(Converters.StrictBoolean.class)
        boolean enabled();

        /** The age at which a pending change is given up. */
        @WithDefault("1d")
        @WithConverter(Converters.PositiveDuration.class)
        Duration maxAge();

        /** How often an instance looks for due changes that no instance is working on. */
        @WithDefault("30s")
        @WithConverter(Converters.PositiveDuration.class)
        Duration poll();
    }

    /** Settings of digests. */
    interface DigestConfig {

        /** How many alerts of a room have to be due for one message to stand for all; 0: never, else at least 2. */
        @WithDefault("5")
        @WithConverter(Converters.DigestSize.class)
        int from();
    }

    /** One HipChat colour a level (K §1.3). */
    interface ColorConfig {
        @WithDefault("green")
        Color ok();

        @WithDefault("green")
        Color info();

        @WithDefault("yellow")
        Color warning();

        @WithDefault("red")
        Color critical();
    }

    /** Settings of the state store. */
    interface StateConfig {

        /** The kind of store. */
        @WithDefault("memory")
        Store store();

        /** The time for which an alert without new events is remembered. */
        @WithDefault("30d")
        @WithConverter(Converters.PositiveDuration.class)
        Duration ttl();

        /** The prefix of every key in the store. */
        @WithDefault("hipchat-alerts")
        String keyPrefix();

        /** Decides what is sent while the store is unavailable. */
        @WithDefault("previous-level")
        OnOutage onOutage();

        /** Settings of the DynamoDB store. */
        DynamoDbConfig dynamodb();
    }

    /** Settings of the DynamoDB store; address, region and credentials are under {@code quarkus.dynamodb}. */
    interface DynamoDbConfig {
        @WithDefault("hipchat-alert-state")
        String table();
    }

    /** HipChat's notification colours (K §7.2). */
    enum Color {
        YELLOW,
        GREEN,
        RED,
        PURPLE,
        GRAY,
        RANDOM
    }

    /** The formats of messages; {@code AUTO} depends on the message. */
    enum Format {
        AUTO,
        HTML,
        TEXT
    }

    /** The parts of a request that can carry the token (K §7.5). */
    enum Auth {
        HEADER,
        QUERY
    }

    /** The formats of log lines. */
    enum LogFormat {
        TEXT,
        JSON
    }

    /** The state stores. */
    enum Store {
        MEMORY,
        REDIS,
        DYNAMODB
    }

    /** The rule without the state store: trust the event's {@code previousLevel}, send everything, or fail. */
    enum OnOutage {
        PREVIOUS_LEVEL,
        SEND,
        FAIL;

        /** Returns the name as the settings have it. */
        public String text() {
            return KebabCase.of(this);
        }
    }
}
