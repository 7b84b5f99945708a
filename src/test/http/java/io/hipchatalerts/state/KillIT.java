package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import io.hipchatalerts.state.store.RedisStore;
import io.hipchatalerts.state.store.Versioned;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The packaged program is killed with SIGKILL in the middle of deliveries, {@code -Dkills} times (10 by default). All
 * deliveries are repeated after the last kill, so that the test waits only once for the leases to expire.
 */
@Tag("exhaustive")
class KillIT {

    private static final int KILLS = Integer.getInteger("kills", 10);
    private static final int STARTING_AHEAD = 3;
    private static final int AT_ONCE = 6;
    private static final String WARM = "warm";

    /** The state of a delivery when its process dies. */
    private enum Moment {
        /** HipChat has the request and has not accepted the message. */
        BEFORE_ACCEPTED,
        /** HipChat has accepted the message and not answered. */
        AFTER_ACCEPTED,
        /** HipChat has just answered, and the delivery may be settled or not. */
        ANSWERED,
        /** As {@link #AFTER_ACCEPTED}, but the event is not delivered again; the next event has the last sent level. */
        OVERTAKEN
    }

    private record Alert(int kill, Moment moment) {
        String id() {
            return "kill-" + kill + "-" + moment;
        }

        static Alert of(String message) {
            String[] parts = message.split("[- ]", -1);
            return new Alert(Integer.parseInt(parts[1]), Moment.valueOf(parts[2]));
        }
    }

    private final Map<Alert, List<String>> accepted = new ConcurrentHashMap<>();
    private final Set<Alert> inTheMiddle = ConcurrentHashMap.newKeySet();

    /** How often each message was accepted before the process of its delivery was killed. */
    private final Map<String, Long> acceptedBefore = new ConcurrentHashMap<>();

    private volatile boolean killing = true;

    @Test
    @Timeout(600)
    void theUnfinishedAlertsOfAKilledProcessAreSentOnRedelivery() throws Exception {
        RedisProcess redis = RedisProcess.started();
        Deque<Instance> instances = new ArrayDeque<>();
        try (FakeHipChat hipChat = FakeHipChat.start();
                RedisClients clients = new RedisClients()) {
            // given
            hipChat.decides(this::reaction);
            RedisStore store =
                    new RedisStore(clients.to(redis.address()), "hipchat-alerts", RedisClients.CALL_TIMEOUT, List.of());
            for (int kill = 0; kill < KILLS; kill++) {
                AlertState sentBefore = new AlertState(
                        LastSent.OK,
                        Optional.of(Instance.time(0)),
                        Instance.time(0),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
                store.compareAndSet(
                        Instance.key(new Alert(kill, Moment.OVERTAKEN).id()),
                        Optional.empty(),
                        new Versioned(sentBefore, 1),
                        Duration.ofDays(1));
            }
            // The requests of a process are all under way together for no longer than the request timeout.
            Map<String, String> killed = Map.of("HIPCHAT_DEADLINE", "20s", "HIPCHAT_REQUEST_TIMEOUT", "15s");
            // The new instances can wait for a lease to expire within one delivery.
            Map<String, String> fresh = Map.of("HIPCHAT_DEADLINE", "100s", "HIPCHAT_REQUEST_TIMEOUT", "15s");
            for (int i = 0; i < STARTING_AHEAD; i++) {
                instances.add(Instance.starting(hipChat.url(), redis.address(), killed));
            }

            // when
            for (int kill = 0; kill < KILLS; kill++) {
                try (Instance victim = instances.remove().started()) {
                    instances.add(Instance.starting(
                            hipChat.url(), redis.address(), kill + STARTING_AHEAD < KILLS ? killed : fresh));
                    killInTheMiddle(victim, kill);
                }
            }
            killing = false;

            // then
            List<Instance> successors = new ArrayList<>();
            for (Instance instance : instances) {
                successors.add(instance.started());
            }
            List<Alert> alerts = IntStream.range(0, KILLS)
                    .boxed()
                    .flatMap(kill -> List.of(Moment.values()).stream().map(moment -> new Alert(kill, moment)))
                    // Skips alerts that a cold process on a busy machine sent without the store.
                    .filter(alert -> alert.moment() != Moment.OVERTAKEN || isLeased(alert, store))
                    .toList();
            assertThat(alerts).as("alerts that were sent with the store").hasSizeGreaterThan(KILLS * 7 / 2);
            List<Alert> deliveredAgain = alerts.stream()
                    .filter(alert -> alert.moment() != Moment.OVERTAKEN)
                    .toList();
            everyAlert(deliveredAgain, successors, 1, Level.CRITICAL, Level.OK);
            everyAlert(alerts, successors, 2, Level.OK, Level.CRITICAL);
            for (Alert alert : alerts) {
                AlertState settled =
                        store.load(Instance.key(alert.id())).orElseThrow().state();
                assertThat(settled.lastSent()).as(alert.id()).isEqualTo(LastSent.OK);
                assertThat(settled.newest()).as(alert.id()).isEqualTo(Instance.time(2));
                assertThat(settled.lease()).as(alert.id()).isEmpty();
            }
        } finally {
            instances.forEach(Instance::close);
            redis.stop();
        }
    }

    private static boolean isLeased(Alert alert, RedisStore store) {
        return store.load(Instance.key(alert.id()))
                .orElseThrow()
                .state()
                .lease()
                .isPresent();
    }

    private void killInTheMiddle(Instance victim, int kill) throws Exception {
        // On a busy machine, a first call may take longer than the store's timeout of two seconds.
        assertThat(victim.send(WARM, kill, Level.CRITICAL, Level.OK).get(60, TimeUnit.SECONDS))
                .isNotNull();
        Map<Moment, CompletableFuture<HttpResponse<String>>> deliveries = new EnumMap<>(Moment.class);
        for (Moment moment : Moment.values()) {
            Alert alert = new Alert(kill, moment);
            deliveries.put(moment, victim.send(alert.id(), 1, Level.CRITICAL, Level.OK));
        }
        await().alias("all deliveries of kill " + kill + " are under way")
                .atMost(Duration.ofSeconds(60))
                .until(() -> inTheMiddle.stream()
                                .filter(alert -> alert.kill() == kill)
                                .count()
                        == Moment.values().length);

        assertThat(victim.killed()).as("SIGKILL").isEqualTo(128 + 9);
        accepted.forEach((alert, messages) -> {
            if (alert.kill() == kill) {
                messages.forEach(message -> acceptedBefore.merge(message, 1L, Long::sum));
            }
        });

        deliveries.forEach((moment, delivery) -> {
            if (moment != Moment.ANSWERED) {
                assertThat(delivery)
                        .as("kill %d, %s", kill, moment)
                        .failsWithin(30, TimeUnit.SECONDS)
                        .withThrowableThat()
                        .havingRootCause()
                        .isInstanceOf(IOException.class);
            }
        });
    }

    private void everyAlert(List<Alert> alerts, List<Instance> successors, int index, Level level, Level previousLevel)
            throws Exception {
        // A few at a time: an overloaded cold process answers degraded, which this test does not cover.
        for (int from = 0; from < alerts.size(); from += AT_ONCE) {
            List<Alert> some = alerts.subList(from, Math.min(from + AT_ONCE, alerts.size()));
            List<CompletableFuture<HttpResponse<String>>> deliveries = some.stream()
                    .map(alert -> successors
                            .get(alert.kill() % successors.size())
                            .send(alert.id(), index, level, previousLevel))
                    .toList();
            for (int i = 0; i < some.size(); i++) {
                check(some.get(i), index, level, deliveries.get(i).get(120, TimeUnit.SECONDS));
            }
        }
    }

    private void check(Alert alert, int index, Level level, HttpResponse<String> answer) {
        String all = alert.id() + ", accepted: " + accepted.get(alert) + ", answer: " + answer.body();
        assertThat(answer.statusCode()).as(all).isEqualTo(200);
        if (alert.moment() != Moment.ANSWERED || level == Level.OK) {
            assertThat(answer.body()).as(all).contains("\"status\":\"sent\"", "\"degraded\":false");
        }
        String message = alert.id() + " " + index + " " + level;
        assertThat(accepted.get(alert)).as(all).last().isEqualTo(message);
        assertThat(accepted.get(alert).stream().filter(message::equals).count())
                .as(all)
                .isBetween(1L, 1 + acceptedBefore.getOrDefault(message, 0L));
    }

    private Reaction reaction(ReceivedRequest request) {
        String message = request.message();
        if (message.startsWith(WARM)) {
            return Reaction.accepts();
        }
        Alert alert = Alert.of(message);
        List<String> messages = accepted.computeIfAbsent(alert, first -> new CopyOnWriteArrayList<>());
        if (!killing || alert.moment() != Moment.BEFORE_ACCEPTED) {
            messages.add(message);
        }
        if (!killing) {
            return Reaction.accepts();
        }
        Reaction untilTheKill =
                switch (alert.moment()) {
                    case BEFORE_ACCEPTED -> Reaction.hangs();
                    case AFTER_ACCEPTED, OVERTAKEN -> Reaction.acceptsAndHangs();
                    case ANSWERED -> Reaction.accepts();
                };
        return untilTheKill.then(() -> inTheMiddle.add(alert));
    }
}
