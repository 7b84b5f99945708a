package io.hipchatalerts.state.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.config.Address;
import io.hipchatalerts.state.RedisClients;
import io.hipchatalerts.state.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Redis behind a host's name with an underscore, which compose files have. */
class LookedUpRedisTest {

    private final Vertx vertx = Vertx.vertx();
    private final RedisClients clients = new RedisClients();
    private final List<String> made = new ArrayList<>();
    private String ip = "127.0.0.1";

    @AfterEach
    void close() {
        clients.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aHostWithAnUnderscoreIsReached() {
        assertThat(store().load("no-such-alert")).isEmpty();
        assertThat(store().pendingCount()).isNotNegative();
    }

    @Test
    void oneClientLastsWhileTheIpAddressStays() {
        RedisStore store = store();

        store.load("a");
        store.load("b");

        assertThat(made).containsExactly(RedisProcess.shared().address());
    }

    @Test
    void anotherIpAddressIsFollowed() {
        RedisStore store = store();
        ip = "127.0.0.2";
        assertThatThrownBy(() -> store.load("a")).isInstanceOf(StoreUnavailable.class);

        ip = "127.0.0.1";

        assertThat(store.load("a")).isEmpty();
        assertThat(made).hasSize(2);
    }

    @Test
    void aHostWithoutAnIpAddressIsAnOutage() {
        RedisStore store = store();
        ip = null;
        assertThatThrownBy(() -> store.load("a"))
                .isInstanceOf(StoreUnavailable.class)
                .hasRootCauseInstanceOf(UnknownHostException.class);

        ip = "127.0.0.1";

        assertThat(store.load("a")).isEmpty();
    }

    @Test
    void onlyHostsWithAnUnderscoreNeedALookup() {
        Redis ofQuarkus = clients.to(RedisProcess.shared().address());
        RedisHosts plain = new RedisHosts();
        plain.customize("<default>", new RedisOptions().setConnectionString("redis://localhost:6379"));
        RedisHosts underscore = new RedisHosts();
        RedisOptions options = new RedisOptions().setConnectionString("redis://:pw@my_redis:6379/1");
        underscore.customize("<default>", options);

        assertThat(plain.reachable(ofQuarkus, vertx)).isSameAs(ofQuarkus);
        assertThat(underscore.reachable(ofQuarkus, vertx)).isInstanceOf(LookedUpRedis.class);
        assertThat(options.getEndpoints()).containsExactly("redis://:pw@redis.invalid:6379/1");
    }

    /** With a shorter queue than the pool, Vert.x makes no such client. */
    @Test
    void ourDefaultsSuitAClusterAndSentinelsToo() {
        assertThat(clients.to("redis://localhost:6379", Map.of("quarkus.redis.client-type", "cluster")))
                .isNotNull();
        assertThat(clients.to("redis://localhost:6379", Map.of("quarkus.redis.client-type", "sentinel")))
                .isNotNull();
    }

    private RedisStore store() {
        Address host = Address.parse("redis://my_redis:" + RedisProcess.shared().port())
                .orElseThrow();
        Redis redis = new LookedUpRedis(List.of(host), this::ip, vertx, reachable -> {
            made.addAll(reachable);
            return clients.to(reachable.get(0));
        });
        return new RedisStore(redis, "looked-up", RedisClients.CALL_TIMEOUT, List.of());
    }

    private String ip(String host) throws UnknownHostException {
        if (ip == null) {
            throw new UnknownHostException(host);
        }
        return ip;
    }
}
