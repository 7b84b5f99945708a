package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.Acceptance;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.state.store.RedisStore;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process dies between the claim and the settlement, and nobody delivers its events again (contract §5, promise 7). */
class TakeoverIT {

    /** The three requests of the process that dies are under way together for no longer than the request timeout. */
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    /** HipChat can accept a request of the killed process until then. */
    private static final Duration LEASE_AT_LEAST = DEADLINE.plus(REQUEST_TIMEOUT);

    private static final Map<String, String> SETTINGS = Map.of(
            "HIPCHAT_PENDING_ENABLED",
            "true",
            "HIPCHAT_PENDING_POLL",
            "1s",
            "HIPCHAT_DEADLINE",
            DEADLINE.toSeconds() + "s",
            "HIPCHAT_REQUEST_TIMEOUT",
            REQUEST_TIMEOUT.toSeconds() + "s");

    @Test
    @Timeout(300)
    void anotherInstanceSendsWhatAKilledOneHadClaimed() throws Exception {
        RedisProcess redis = RedisProcess.started();
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance victim = Instance.starting(hipChat.url(), redis.address(), SETTINGS);
                Instance other = Instance.starting(hipChat.url(), redis.address(), SETTINGS)) {
            // given
            victim.started();
            other.started();
            Set<String> underWay = ConcurrentHashMap.newKeySet();
            hipChat.decides(request -> {
                underWay.add(request.message());
                return Reaction.hangs();
            });
            Instant first = Instant.now();
            List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, 3)
                    .mapToObj(alert -> victim.send("taken-over-" + alert, 1, Level.CRITICAL, Level.OK))
                    .toList();
            hipChat.await(() -> underWay.size() == 3, () -> "three requests under way, not " + underWay);

            // when
            assertThat(victim.killed()).as("SIGKILL").isEqualTo(128 + 9);
            assertThat(calls).allSatisfy(call -> assertThat(call).failsWithin(30, TimeUnit.SECONDS));
            hipChat.decides(request -> Reaction.accepts());

            // then
            await().atMost(Duration.ofMinutes(2)).until(hipChat::acceptedCount, is(3L));
            Map<String, Instant> accepted = new TreeMap<>();
            for (Acceptance acceptance : hipChat.accepted()) {
                assertThat(accepted.put(acceptance.request().message(), acceptance.at()))
                        .as("sent once")
                        .isNull();
            }
            assertThat(accepted.keySet())
                    .containsExactly("taken-over-0 1 CRITICAL", "taken-over-1 1 CRITICAL", "taken-over-2 1 CRITICAL");
            assertThat(accepted.values()).as("not before the leases end").allSatisfy(at -> assertThat(at)
                    .isAfter(first.plus(LEASE_AT_LEAST)));
            // HipChat has a message before the instance has its answer.
            await().atMost(Duration.ofSeconds(60)).until(() -> sentLater(other), is(3L));
        } finally {
            redis.stop();
        }
    }

    @Test
    @Timeout(300)
    void theCheckOfTheWiringSendsNoPendingChange() throws Exception {
        RedisProcess redis = RedisProcess.started();
        try (FakeHipChat hipChat = FakeHipChat.start();
                RedisClients clients = new RedisClients()) {
            // given
            LeftPending.in(
                    new RedisStore(clients.to(redis.address()), "hipchat-alerts", RedisClients.CALL_TIMEOUT, List.of()),
                    "left");
            // Meanwhile a poll would send the change, which is due.
            hipChat.reacts(Reaction.accepts().after(Duration.ofMillis(1500)));

            // when
            try (Instance check = Instance.starting(hipChat.url(), redis.address(), SETTINGS, "check")) {
                assertThat(check.ended().get(Instance.LONGEST_CALL_SECONDS, TimeUnit.SECONDS))
                        .isZero();

                // then
                assertThat(check.linesToItsEnd()).singleElement(as(STRING)).startsWith("ok ");
            }
            assertThat(hipChat.onlyRequest().target()).endsWith("?auth_test=true");
        } finally {
            redis.stop();
        }
    }

    private static long sentLater(Instance instance) {
        return instance.lines().stream()
                .filter(line -> line.contains("status=sent") && line.contains("pending-ms="))
                .count();
    }
}
