package io.hipchatalerts.config;

import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Everything that can be set under {@code hipchat.}; the first six keys are those of Kapacitor's own {@code [hipchat]}
 * section (K §1.1). README has the table.
 */
@ConfigMapping(prefix = "hipchat")
public interface HipChatConfig {

    /** Off until switched on; off, every event is answered {@code skipped} / {@code disabled}. */
    @WithDefault("false")
    @WithConverter(Converters.StrictBoolean.class)
    boolean enabled();

    /** HipChat's address up to {@code /v2/room}. */
    Optional<@WithConverter(Converters.HttpAddress.class) URI> url();

    /** The room where the event names none. */
    Optional<String> room();

    /** The token where the event names none. */
    Optional<@WithConverter(Converters.Secret.class) Token> token();

    /** Whether events off a bus that do not name HipChat are told too. */
    @WithDefault("false")
    @WithConverter(Converters.StrictBoolean.class)
    boolean global();

    /** State changes only for every event; acts only together with {@link #global()} (K §2.1). */
    @WithDefault("false")
    @WithConverter(Converters.StrictBoolean.class)
    boolean stateChangesOnly();

    /** How long after the last message an unchanged level is told again; empty: never. */
    Optional<@WithConverter(Converters.PositiveDuration.class) Duration> stateChangesOnlyInterval();

    /** The sender's label in the room, at most 64 characters. */
    @WithDefault("kapacitor")
    String from();

    /** Whether HipChat draws its users' attention to a message. */
    @WithDefault("true")
    @WithConverter(Converters.StrictBoolean.class)
    @WithName("notify")
    boolean notifies();

    /** How HipChat is to read a message. */
    @WithDefault("auto")
    Format messageFormat();

    /** The colour of each level. */
    ColorConfig color();

    /** How the token travels. */
    @WithDefault("header")
    Auth auth();

    /** The whole time one event may take: state, tries and waits. */
    @WithDefault("25s")
    @WithConverter(Converters.PositiveDuration.class)
    Duration deadline();

    /** The time one request to HipChat may take. */
    @WithDefault("5s")
    @WithConverter(Converters.PositiveDuration.class)
    Duration requestTimeout();

    /**
     * A {@code kapacitor.conf} whose {@code [hipchat]} section counts as settings too. They are read before this is, by
     * a config source; one that is named but is not there stops the start.
     */
    Optional<Path> kapacitorConf();

    /** A folder of Kapacitor's topic handler files. */
    Optional<Path> handlersDir();

    /** The token that HTTP callers must present; empty: anybody may call. */
    Optional<@WithConverter(Converters.Secret.class) Token> inboundToken();

    /** How a line of the log is written. */
    @WithDefault("text")
    LogFormat logFormat();

    /** Where state changes only is kept. */
    StateConfig state();

    /** Changes that could not be sent yet. */
    PendingConfig pending();

    /** Messages that stand for several alerts. */
    DigestConfig digest();

    /** The reminder interval where the options do not name one, joined to whether state changes only is on at all. */
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

        /** Which store remembers what was told. */
        @WithDefault("memory")
        Store store();

        /** How long an alert is remembered after its last event. */
        @WithDefault("30d")
        @WithConverter(Converters.PositiveDuration.class)
        Duration ttl();

        /** What every key in the store begins with. */
        @WithDefault("hipchat-alerts")
        String keyPrefix();

        /** What happens to an event while the store is out of reach. */
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

    /** How a message's format is chosen. */
    enum Format {
        AUTO,
        HTML,
        TEXT
    }

    /** Where in the request the token stands (K §7.5). */
    enum Auth {
        HEADER,
        QUERY
    }

    /** The forms of a log line. */
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

    /** What to do without the state store: go by the event's own {@code previousLevel}, tell all, or fail. */
    enum OnOutage {
        PREVIOUS_LEVEL,
        SEND,
        FAIL;

        /** As it stands in the settings. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
