package io.hipchatalerts.state.store;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.RedisPasswords;
import io.hipchatalerts.config.StoreTimeouts;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Creates the state store that is configured. It looks the clients up instead of injecting them, so that an unused
 * client is never created.
 */
final class StateStores {

    private static final Logger LOG = Logger.getLogger(StateStores.class);

    @Produces
    @Singleton
    static StateStore store(
            HipChatConfig config,
            InstantSource clock,
            Instance<Redis> redis,
            RedisHosts redisHosts,
            Vertx vertx,
            Instance<DynamoDbClient> dynamoDb,
            MeterRegistry metrics) {
        return new MeteredStore(
                chosen(config, clock, redis, redisHosts, vertx, dynamoDb),
                config.state().onOutage().text(),
                metrics);
    }

    private static StateStore chosen(
            HipChatConfig config,
            InstantSource clock,
            Instance<Redis> redis,
            RedisHosts redisHosts,
            Vertx vertx,
            Instance<DynamoDbClient> dynamoDb) {
        Duration callTimeout = StoreTimeouts.callTimeout(config.deadline());
        return switch (config.state().store()) {
            case MEMORY -> new MemoryStore(clock);
            case REDIS ->
                new RedisStore(
                        redisHosts.reachable(redis.get(), vertx),
                        config.state().keyPrefix(),
                        callTimeout,
                        RedisPasswords.of(ConfigProvider.getConfig()));
            case DYNAMODB ->
                new DynamoDbStore(
                        dynamoDb.get(),
                        config.state().dynamodb().table(),
                        config.state().keyPrefix(),
                        clock,
                        callTimeout);
        };
    }

    /** Makes DynamoDB's client before anything uses it, so that settings that make none stop the start in one line. */
    static void makeClient(
            @Observes @Priority(Interceptor.Priority.APPLICATION) StartupEvent start,
            HipChatConfig config,
            Instance<DynamoDbClient> dynamoDb) {
        if (config.state().store() == HipChatConfig.Store.DYNAMODB) {
            make(dynamoDb);
        }
    }

    /**
     * Makes the store's first calls, one of each kind, after the configuration is checked. A first call loads classes
     * and connects, which can take longer than an alert may spend on a call. A store that cannot be read or written is
     * reported now and not only with the first alert: {@link MeteredStore} logs it.
     */
    static void atStart(
            @Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent start,
            HipChatConfig config,
            StateStore store,
            RandomGenerator random) {
        try {
            new StoreProbe(store, config.state().keyPrefix(), random).write();
            if (config.pending().enabled()) {
                store.due(Instant.EPOCH, 1);
            }
        } catch (StoreUnavailable outage) {
            LOG.debugf("The first calls of the %s state store failed: %s", store.name(), outage.getCause());
        }
    }

    private static void make(Instance<DynamoDbClient> dynamoDb) {
        try {
            // The bean is a proxy, and its first use creates the client.
            dynamoDb.get().serviceName();
        } catch (RuntimeException unusable) {
            Throwable reason = unusable.getCause() == null ? unusable : unusable.getCause();
            throw new ConfigurationException(
                    "quarkus.dynamodb.aws.region and the other keys of quarkus.dynamodb make no"
                            + " client, which hipchat.state.store=dynamodb needs: "
                            + firstSentence(reason.getMessage()));
        }
    }

    /** The SDK adds a list of all places where it looked. */
    private static String firstSentence(String text) {
        return text == null ? "no reason given" : text.split("[.:\\n] ", 2)[0];
    }
}
