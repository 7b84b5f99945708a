package io.hipchatalerts.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateStoreCheckTest {

    @ParameterizedTest
    @CsvSource({"previous-level, UP", "send, UP", "fail, DOWN"})
    void anOutageMakesTheInstanceUnreadyOnlyIfNothingCanBeSentWithoutTheStore(String onOutage, Status status) {
        HealthCheckResponse response = check(onOutage, () -> {
            throw new StoreUnavailable(new IllegalStateException("away"));
        });

        assertThat(response.getName()).isEqualTo("state store");
        assertThat(response.getStatus()).isEqualTo(status);
        assertThat(response.getData()).contains(Map.of("store", "fake", "reachable", false));
    }

    @ParameterizedTest
    @CsvSource({"previous-level", "send", "fail"})
    void aStoreThatAnswersIsReachable(String onOutage) {
        HealthCheckResponse response = check(onOutage, Optional::empty);

        assertThat(response.getStatus()).isEqualTo(Status.UP);
        assertThat(response.getData()).contains(Map.of("store", "fake", "reachable", true));
    }

    @Test
    void aStoreThatDoesNotAnswerDoesNotDelayTheCheck() {
        CountDownLatch over = new CountDownLatch(1);
        long start = System.nanoTime();

        HealthCheckResponse response = check("previous-level", () -> {
            try {
                over.await();
            } catch (InterruptedException nobodyWaitsAnyMore) {
                Thread.currentThread().interrupt();
            }
            return Optional.empty();
        });

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(response.getData()).contains(Map.of("store", "fake", "reachable", false));
        over.countDown();
    }

    private static HealthCheckResponse check(String onOutage, Supplier<Optional<Versioned>> answer) {
        HipChatConfig config = new SmallRyeConfigBuilder()
                .withMapping(HipChatConfig.class)
                .withSources(new PropertiesConfigSource(Map.of("hipchat.state.on-outage", onOutage), "test", 100))
                .build()
                .getConfigMapping(HipChatConfig.class);
        StateStore store = new StateStore() {
            @Override
            public Optional<Versioned> load(String key) {
                return answer.get();
            }

            @Override
            public boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
                throw new AssertionError("a check writes nothing");
            }

            @Override
            public List<PendingEntry> due(Instant now, int limit) {
                throw new AssertionError("a check looks for nothing pending");
            }

            @Override
            public long pendingCount() {
                throw new AssertionError("a check counts nothing");
            }

            @Override
            public String name() {
                return "fake";
            }
        };
        return new StateStoreCheck(store, config).call().await().indefinitely();
    }
}
