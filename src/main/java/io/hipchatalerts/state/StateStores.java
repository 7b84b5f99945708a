package io.hipchatalerts.state;

import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
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
import java.util.Optional;
import org.jboss.logging.Logger;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Chooses the state store. The clients are looked up, not injected: one that is not chosen never comes to life. */
final class StateStores {

    private static final Logger LOG = Logger.getLogger(StateStores.class);

    private static final Entry NOWHERE =
            new Entry(new AlertRecord(Told.NOTHING, Instant.EPOCH, 1, Optional.empty(), Optional.empty()), 0);

    @Produces
    @Singleton
    static StateStore store(
            HipChatConfig config, InstantSource clock, Instance<Redis> redis, Instance<DynamoDbClient> dynamoDb) {
        return switch (config.state().store()) {
            case MEMORY -> new MemoryStore(clock);
            case REDIS -> new RedisStore(redis.get());
            case DYNAMODB ->
                new DynamoDbStore(dynamoDb.get(), config.state().dynamodb().table(), clock);
        };
    }

    /**
     * Makes the store's first calls, one of each kind, after the configuration is checked. What a first call costs,
     * classes to load and a connection to make, would be more of the first alert's second than there is.
     */
    static void atStart(
            @Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent start,
            HipChatConfig config,
            StateStore store,
            Instance<DynamoDbClient> dynamoDb) {
        if (config.state().store() == HipChatConfig.Store.DYNAMODB) {
            make(dynamoDb);
        }
        String probe = StateStore.probe(config.state().keyPrefix());
        try {
            store.load(probe);
            // Writes nothing, for nothing stands there.
            store.swap(probe, Optional.of(NOWHERE), NOWHERE, Duration.ofSeconds(1));
        } catch (StoreUnavailable outage) {
            LOG.warnf("The %s state store is out of reach: %s", store.name(), outage.getCause());
        }
    }

    private static void make(Instance<DynamoDbClient> dynamoDb) {
        try {
            // A proxy until it is used.
            dynamoDb.get().serviceName();
        } catch (RuntimeException unusable) {
            Throwable reason = unusable.getCause() == null ? unusable : unusable.getCause();
            throw new ConfigurationException(
                    "quarkus.dynamodb.aws.region and the other keys of quarkus.dynamodb make no"
                            + " client, which hipchat.state.store=dynamodb needs: " + reason.getMessage());
        }
    }
}
