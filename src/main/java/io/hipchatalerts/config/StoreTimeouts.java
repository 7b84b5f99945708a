package io.hipchatalerts.config;

import io.hipchatalerts.alert.DurationText;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Defaults of the state stores' clients that follow from {@code hipchat.deadline}: a call that takes longer than it may
 * ends, and the connection to a server that fell silent in the middle of it is closed.
 */
public final class StoreTimeouts implements ConfigSourceFactory {

    private static final String DEADLINE = "hipchat.deadline";
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final int PART_OF_DEADLINE = 10;

    /** Any other source is stronger. */
    private static final int ORDINAL = 50;

    /** Returns the time that one call to a state store may take: a tenth of the deadline, at least 1 s (contract §5). */
    public static Duration callTimeout(Duration deadline) {
        Duration part = deadline.dividedBy(PART_OF_DEADLINE);
        return part.compareTo(SHORTEST) < 0 ? SHORTEST : part;
    }

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        Duration deadline = Optional.ofNullable(context.getValue(DEADLINE))
                .map(ConfigValue::getValue)
                // A value that is no duration stops the start elsewhere, with a message that names the key.
                .flatMap(DurationText::parse)
                .or(() -> DurationText.parse(HipChatConfig.DEFAULT_DEADLINE))
                .orElseThrow();
        String callTimeout = callTimeout(deadline).toMillis() + "ms";
        return List.of(new PropertiesConfigSource(
                Map.of(
                        "quarkus.redis.timeout", callTimeout,
                        "quarkus.redis.tcp.idle-timeout", callTimeout,
                        "quarkus.dynamodb.sync-client.socket-timeout", callTimeout),
                "timeouts that follow from " + DEADLINE,
                ORDINAL));
    }
}
