package io.hipchatalerts.state.store;

import io.hipchatalerts.config.Address;
import io.quarkus.arc.Unremovable;
import io.quarkus.redis.client.RedisOptionsCustomizer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import jakarta.inject.Singleton;
import java.util.List;

/** Makes Redis reachable where a host's name has an underscore. */
@Singleton
@Unremovable
final class RedisHosts implements RedisOptionsCustomizer {

    /** A placeholder for the hosts of a client that is never used. */
    private static final String NOWHERE = "redis.invalid";

    private RedisOptions options = new RedisOptions();
    private List<Address> hosts = List.of();

    /** Keeps the options that Quarkus makes of {@code quarkus.redis}; this program has one Redis client. */
    @Override
    public void customize(String clientName, RedisOptions options) {
        this.options = new RedisOptions(options);
        hosts = options.getEndpoints().stream()
                .flatMap(host -> Address.parse(host).stream())
                .toList();
        if (needLookup()) {
            // Vert.x would make no client for them.
            options.setEndpoints(hosts.stream().map(host -> host.at(NOWHERE)).toList());
        }
    }

    /** Returns {@code client}, or one that looks the hosts up if {@code client} cannot. */
    Redis reachable(Redis client, Vertx vertx) {
        return needLookup()
                ? new LookedUpRedis(
                        hosts,
                        Address::lookUp,
                        vertx,
                        reachable -> Redis.createClient(vertx, new RedisOptions(options).setEndpoints(reachable)))
                : client;
    }

    private boolean needLookup() {
        return hosts.stream().anyMatch(Address::hasUnderscore);
    }
}
