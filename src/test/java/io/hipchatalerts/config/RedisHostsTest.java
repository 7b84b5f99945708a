package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfig;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RedisHostsTest {

    @Test
    void redisNeedsHosts() {
        assertThat(problem(Map.of("hipchat.state.store", "redis")))
                .contains("quarkus.redis.hosts must be set when hipchat.state.store is redis;"
                        + " allowed are addresses such as redis://localhost:6379");
    }

    @Test
    void redisWithHostsIsFine() {
        assertThat(problem(Map.of("hipchat.state.store", "redis", "quarkus.redis.hosts", "redis://localhost:6379")))
                .isEmpty();
        assertThat(problem(Map.of("hipchat.state.store", "redis", "quarkus.redis.hosts-provider-name", "ours")))
                .isEmpty();
    }

    @Test
    void othersNeedNone() {
        assertThat(problem(Map.of())).isEmpty();
        assertThat(problem(Map.of("hipchat.state.store", "dynamodb"))).isEmpty();
    }

    private static Optional<String> problem(Map<String, String> settings) {
        SmallRyeConfig all = TestConfig.of(settings);
        return ConfigCheck.problem(all.getConfigMapping(HipChatConfig.class), all);
    }
}
