package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreTimeoutsTest {

    @ParameterizedTest(name = "deadline {0} s: {1} ms")
    @CsvSource({"1, 1000", "10, 1000", "11, 1100", "25, 2500", "60, 6000"})
    void aCallMayTakeATenthOfTheDeadlineAndAtLeastASecond(long deadlineSeconds, long millis) {
        assertThat(StoreTimeouts.callTimeout(Duration.ofSeconds(deadlineSeconds)))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quarkus.redis.timeout",
                "quarkus.redis.tcp.idle-timeout",
                "quarkus.dynamodb.sync-client.socket-timeout"
            })
    void theTimeoutsOfTheClientsFollowFromTheDeadline(String key) {
        assertThat(value(key, Map.of())).isEqualTo("2500ms");
        assertThat(value(key, Map.of("hipchat.deadline", "1m"))).isEqualTo("6000ms");
        assertThat(value(key, Map.of("hipchat.deadline", " 1m\n"))).isEqualTo("6000ms");
        assertThat(value(key, Map.of("hipchat.deadline", "2s"))).isEqualTo("1000ms");
    }

    @Test
    void aTimeoutThatIsSetIsUsed() {
        assertThat(value("quarkus.redis.timeout", Map.of("hipchat.deadline", "1m", "quarkus.redis.timeout", "3s")))
                .isEqualTo("3s");
    }

    /** The configuration's check names the key and the value. */
    @ParameterizedTest
    @ValueSource(strings = {"soon", "0s", "-5s", "10"})
    void aDeadlineThatIsNoDurationStopsTheStartElsewhere(String deadline) {
        assertThat(value("quarkus.redis.timeout", Map.of("hipchat.deadline", deadline)))
                .isEqualTo("2500ms");
    }

    @Test
    void theProgramFindsTheSource() {
        assertThat(ServiceLoader.load(ConfigSourceFactory.class).stream().map(ServiceLoader.Provider::type))
                .contains(StoreTimeouts.class);
    }

    private static String value(String key, Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredInterceptors()
                .withSources(new StoreTimeouts())
                .withSources(new PropertiesConfigSource(new HashMap<>(settings), "test", 100))
                .build()
                .getConfigValue(key)
                .getValue();
    }
}
