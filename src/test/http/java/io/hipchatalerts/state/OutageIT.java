package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.state.RedisProxy.Fate;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged program with a faulty connection to Redis, for each {@code hipchat.state.on-outage}. */
@Timeout(300)
class OutageIT {

    /** Each in an instance of its own: a call of an outage may still fail when the next one has begun. */
    static Stream<Arguments> outages() {
        return Stream.of("previous-level", "send", "fail")
                .flatMap(policy -> Stream.of(Fate.CUT_BEFORE, Fate.CUT_AFTER, Fate.SWALLOWED)
                        .map(fate -> arguments(policy, fate)));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void thePolicyDecidesInAnOutageWhichIsLoggedOnceAndEndsAtOnce(String policy, Fate fate) throws Exception {
        // A call that is swallowed takes its whole timeout, a tenth of the deadline.
        String deadline = fate == Fate.SWALLOWED ? "50s" : "100s";
        int events = fate == Fate.SWALLOWED ? 1 : 3;
        RedisProcess redis = RedisProcess.started();
        try (RedisProxy proxy = new RedisProxy(redis.port());
                FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(
                        hipChat.url(),
                        proxy.address(),
                        Map.of("HIPCHAT_DEADLINE", deadline, "HIPCHAT_STATE_ON_OUTAGE", policy))) {
            instance.started();
            is(send(instance, "before", 0, Level.CRITICAL, Level.OK), "sent", false);
            assertThat(instance.metric("hipchat_state_outages_total")).isZero();

            // when
            proxy.decides(request -> fate);

            // then
            for (int event = 0; event < events; event++) {
                degraded(policy, send(instance, "changed", event, Level.CRITICAL, Level.OK), "sent");
                degraded(
                        policy,
                        send(instance, "same-" + event, event, Level.CRITICAL, Level.CRITICAL),
                        policy.equals("send") ? "sent" : "suppressed");
            }
            assertThat(instance.metric("hipchat_state_outages_total")).isOne();
            assertThat(instance.linesTo("same-" + (events - 1)))
                    .filteredOn(line -> line.contains("WARN") && line.contains("is unavailable"))
                    .hasSize(1);

            // when
            proxy.decides(request -> Fate.ANSWERED);

            // then
            is(send(instance, "back", 3, Level.WARNING, Level.OK), "sent", false);
            is(send(instance, "back", 4, Level.WARNING, Level.OK), "suppressed", false);
        } finally {
            redis.stop();
        }
    }

    /** Without any event: an alarm about an outage must not outlast it. */
    @Test
    void aProbeOfAQuietInstanceNoticesTheEndOfAnOutage() throws Exception {
        RedisProcess redis = RedisProcess.started();
        try (RedisProxy proxy = new RedisProxy(redis.port());
                FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(hipChat.url(), proxy.address(), Map.of())) {
            instance.started();
            proxy.decides(request -> Fate.CUT_BEFORE);
            is(send(instance, "cut", 0, Level.CRITICAL, Level.CRITICAL), "suppressed", true);
            assertThat(instance.metric("hipchat_state_reachable{store=\"redis\"}"))
                    .isZero();

            proxy.decides(request -> Fate.ANSWERED);

            await().atMost(Duration.ofSeconds(60)).until(() -> {
                instance.get("/q/health/ready").get(Instance.LONGEST_CALL_SECONDS, TimeUnit.SECONDS);
                return instance.metric("hipchat_state_reachable{store=\"redis\"}") == 1;
            });
        } finally {
            redis.stop();
        }
    }

    /** Redis has stored the claim or the settlement, and its answer is lost. */
    @Test
    void unconfirmedWritesAreReconciledBeforeTheNextDecision() throws Exception {
        RedisProcess redis = RedisProcess.started();
        try (RedisProxy proxy = new RedisProxy(redis.port());
                FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(hipChat.url(), proxy.address(), Map.of())) {
            hipChat.decides(received -> {
                if (received.message().startsWith("settled")) {
                    proxy.decides(request -> Fate.CUT_AFTER);
                }
                return Reaction.accepts();
            });
            instance.started();

            AtomicBoolean isClaimed = new AtomicBoolean();
            proxy.decides(request -> {
                // Then Redis is away: the background must not record a message as under way that HipChat is slow to
                // accept.
                if (isClaimed.get()) {
                    return Fate.CUT_BEFORE;
                }
                isClaimed.set(request.toUpperCase(Locale.ROOT).contains("EVAL"));
                return isClaimed.get() ? Fate.CUT_AFTER : Fate.ANSWERED;
            });
            is(send(instance, "claimed", 0, Level.CRITICAL, Level.OK), "sent", true);
            proxy.decides(request -> Fate.ANSWERED);
            is(send(instance, "claimed", 1, Level.OK, Level.CRITICAL), "sent", false);

            is(send(instance, "settled", 0, Level.CRITICAL, Level.OK), "sent", true);
            proxy.decides(request -> Fate.ANSWERED);
            is(send(instance, "settled", 1, Level.CRITICAL, Level.OK), "suppressed", false);
        } finally {
            redis.stop();
        }
    }

    @Test
    void aSlowStoreIsNoOutage() throws Exception {
        RedisProcess redis = RedisProcess.started();
        CountDownLatch never = new CountDownLatch(1);
        try (RedisProxy proxy = new RedisProxy(redis.port());
                FakeHipChat hipChat = FakeHipChat.start();
                Instance instance =
                        Instance.starting(hipChat.url(), proxy.address(), Map.of("HIPCHAT_STATE_ON_OUTAGE", "fail"))) {
            instance.started();
            double outages = instance.metric("hipchat_state_outages_total");
            is(send(instance, "slow", 0, Level.CRITICAL, Level.OK), "sent", false);

            proxy.decides(request -> answeredAfter(never, 150));

            is(send(instance, "slow", 1, Level.OK, Level.CRITICAL), "sent", false);
            assertThat(instance.metric("hipchat_state_outages_total")).isEqualTo(outages);
        } finally {
            redis.stop();
        }
    }

    /** A replica answers each load: only a write shows that it is of no use. */
    @Test
    void aReadOnlyRedisIsNamedAtStartAndKeepsTheInstanceFromBeingReady() throws Exception {
        RedisProcess redis = RedisProcess.started("replicaof 127.0.0.1 1");
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance =
                        Instance.starting(hipChat.url(), redis.address(), Map.of("HIPCHAT_STATE_ON_OUTAGE", "fail"))) {
            instance.started();
            List<String> atStart = instance.lines().stream()
                    .filter(line -> line.contains("WARN") && line.contains("MeteredStore"))
                    .toList();
            assertThat(atStart)
                    .singleElement()
                    .asString()
                    .contains("is unavailable", "READONLY", "hipchat.state.on-outage=fail");

            // A look at the store has half a second, for which a busy machine may be too slow.
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                HttpResponse<String> ready = instance.get("/q/health/ready").join();
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(ready.body()).contains("\"writable\": false");
                return ready.body().contains("\"readable\": true");
            });

            degraded("fail", send(instance, "read-only", 0, Level.CRITICAL, Level.OK), "failed");
            assertThat(instance.linesTo("id=\"read-only\""))
                    .filteredOn(line -> line.contains("MeteredStore"))
                    .as("the same outage")
                    .isEqualTo(atStart);
        } finally {
            redis.stop();
        }
    }

    private static Fate answeredAfter(CountDownLatch never, int milliseconds) {
        try {
            return never.await(milliseconds, TimeUnit.MILLISECONDS) ? Fate.CUT_BEFORE : Fate.ANSWERED;
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
            return Fate.CUT_BEFORE;
        }
    }

    private static void degraded(String policy, HttpResponse<String> answer, String status) {
        if (policy.equals("fail")) {
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("\"degraded\":true");
        } else {
            is(answer, status, true);
        }
    }

    private static void is(HttpResponse<String> answer, String status, boolean degraded) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("{\"status\":\"" + status + "\"", "\"degraded\":" + degraded);
    }

    private static HttpResponse<String> send(Instance instance, String id, int event, Level level, Level before)
            throws Exception {
        return instance.send(id, event, level, before).get(Instance.LONGEST_CALL_SECONDS, TimeUnit.SECONDS);
    }
}
