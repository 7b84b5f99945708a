package io.hipchatalerts.state;

import io.hipchatalerts.config.StoreTimeouts;
import io.quarkus.redis.runtime.client.VertxRedisClientFactory;
import io.quarkus.redis.runtime.client.config.RedisClientConfig;
import io.quarkus.redis.runtime.client.config.RedisConfig;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Redis clients as the running program has them: made by Quarkus, with the defaults that we ship. A call may take long,
 * so that it gets its answer however busy the machine is.
 */
public final class RedisClients implements AutoCloseable {

    /** The time that a call may take. */
    public static final Duration CALL_TIMEOUT = Duration.ofSeconds(90);

    private static final Path DEFAULTS = Path.of("src/main/resources/META-INF/microprofile-config.properties");

    private final Vertx vertx = Vertx.vertx();

    /** A client of the server at {@code address}. */
    public Redis to(String address) {
        return to(address, Map.of());
    }

    /** A client with {@code more} set than what we ship. */
    public Redis to(String address, Map<String, String> more) {
        return to(address, CALL_TIMEOUT, more);
    }

    /** The same with another call timeout. */
    public Redis to(String address, Duration callTimeout, Map<String, String> more) {
        return VertxRedisClientFactory.create(
                "test", vertx, config(address, callTimeout, more), new NoTls(), name -> Optional.empty());
    }

    private static RedisClientConfig config(String address, Duration callTimeout, Map<String, String> more) {
        try {
            SmallRyeConfig config = new SmallRyeConfigBuilder()
                    .addDiscoveredConverters()
                    .withMapping(RedisConfig.class)
                    .withMappingIgnore("quarkus.**")
                    .withSources(new PropertiesConfigSource(DEFAULTS.toUri().toURL(), 100))
                    // The call timeout is a tenth of it.
                    .withDefaultValue(
                            "hipchat.deadline", callTimeout.multipliedBy(10).toSeconds() + "s")
                    .withSources(new StoreTimeouts())
                    .withSources(new PropertiesConfigSource(more, "test", 200))
                    .withSources(new PropertiesConfigSource(Map.of("quarkus.redis.hosts", address), "address", 300))
                    .build();
            return config.getConfigMapping(RedisConfig.class).clients().get(RedisConfig.DEFAULT_CLIENT_NAME);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static final class NoTls implements TlsConfigurationRegistry {
        @Override
        public Optional<TlsConfiguration> get(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<TlsConfiguration> getDefault() {
            return Optional.empty();
        }

        @Override
        public void register(String name, TlsConfiguration configuration) {
            throw new UnsupportedOperationException();
        }
    }
}
