package io.hipchatalerts.state;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two instances of the packaged program share one Redis and a faulty HipChat. The promises are kept for every order of
 * events and every instance that receives them. HipChat's reactions follow from the seed; the interleaving of the
 * threads does not.
 */
@Timeout(180)
class SeveralInstancesIT {

    private static final int SEEDS = 30;
    private static final int ALERTS = 3;
    private static final int EVENTS = 6;
    private static final int RUNS_AT_ONCE = 6;
    private static final int THREADS = 48;
    private static final int MOST_DELIVERIES = 100;
    private static final int MOST_FAULTS = 4;

    /** HipChat's reaction to a request. */
    private enum Mood {
        ACCEPTS,
        ACCEPTS_SLOWLY,
        LIMITS,
        FORBIDS,
        FAILS,
        HANGS,
        ACCEPTS_AND_CUTS
    }

    private static final List<Level> LEVELS = List.of(Level.values());
    private static final List<Mood> GOOD = List.of(Mood.ACCEPTS, Mood.ACCEPTS_SLOWLY);
    private static final List<Mood> BAD =
            List.of(Mood.LIMITS, Mood.FORBIDS, Mood.FAILS, Mood.HANGS, Mood.ACCEPTS_AND_CUTS);

    /** The history of one alert. */
    private static final class History {
        private final String id;
        private final List<Level> levels = new ArrayList<>();
        private final Queue<Integer> accepted = new ConcurrentLinkedQueue<>();
        private final Queue<String> log = new ConcurrentLinkedQueue<>();
        private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        private final Map<Integer, AtomicInteger> requests = new ConcurrentHashMap<>();
        private final AtomicInteger inDoubt = new AtomicInteger();

        History(String id) {
            this.id = id;
        }

        Level levelBefore(int event) {
            return event == 0 ? Level.OK : levels.get(event - 1);
        }

        /** Returns the number of the change: successive events of one level are one change. */
        int change(int event) {
            return (int) IntStream.rangeClosed(1, event)
                    .filter(e -> levels.get(e) != levels.get(e - 1))
                    .count();
        }

        @Override
        public String toString() {
            return id + " " + levels + ", accepted " + accepted + ", answers lost " + inDoubt + "\n  "
                    + log.stream().collect(joining("\n  "));
        }
    }

    private record Copy(History alert, int event, int instance, double place) {}

    private static final Map<String, History> HISTORIES = new ConcurrentHashMap<>();
    private static final Map<Mood, AtomicInteger> MOODS = new ConcurrentHashMap<>();
    private static final List<Instance> INSTANCES = new ArrayList<>();

    /** The requests in doubt beyond those that HipChat's reactions caused: a busy machine causes them. */
    private static int unprovokedDoubt;

    @BeforeAll
    static void runAll() throws Exception {
        RedisProcess redis = RedisProcess.started();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        ExecutorService runs = Executors.newFixedThreadPool(RUNS_AT_ONCE);
        try (FakeHipChat hipChat = FakeHipChat.start()) {
            hipChat.decides(SeveralInstancesIT::reaction);
            for (int i = 0; i < 2; i++) {
                INSTANCES.add(Instance.starting(
                        hipChat.url(),
                        redis.address(),
                        Map.of(
                                "HIPCHAT_DEADLINE", "4s",
                                "HIPCHAT_REQUEST_TIMEOUT", "600ms",
                                "HIPCHAT_STATE_ON_OUTAGE", "fail")));
            }
            for (Instance instance : INSTANCES) {
                // The very first request takes longer than the timeout.
                assertThat(instance.started()
                                .send("warm", 0, Level.CRITICAL, Level.OK)
                                .get(60, TimeUnit.SECONDS))
                        .isNotNull();
            }
            double before = inDoubt();
            List<Future<?>> running = new ArrayList<>();
            for (int seed = 0; seed < SEEDS; seed++) {
                int current = seed;
                running.add(runs.submit(() -> {
                    run(current, threads);
                    return null;
                }));
            }
            for (Future<?> run : running) {
                run.get(600, TimeUnit.SECONDS);
            }
            unprovokedDoubt = (int) (inDoubt() - before)
                    - IntStream.of(count(Mood.FAILS), count(Mood.HANGS), count(Mood.ACCEPTS_AND_CUTS))
                            .sum();
        } finally {
            threads.shutdownNow();
            runs.shutdownNow();
            INSTANCES.forEach(Instance::close);
            redis.stop();
        }
    }

    @AfterAll
    static void forget() {
        HISTORIES.clear();
        MOODS.clear();
        INSTANCES.clear();
    }

    static IntStream seeds() {
        return IntStream.range(0, SEEDS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void thePromisesAreKept(int seed) {
        for (int alert = 0; alert < ALERTS; alert++) {
            History history = HISTORIES.get(id(seed, alert));
            check(history, "seed " + seed + ": " + history);
        }
    }

    private static void check(History history, String everything) {
        List<Integer> accepted = List.copyOf(history.accepted);
        assertThat(history.acknowledged).as("nothing is lost; %s", everything).hasSize(EVENTS);
        assertThat(accepted)
                .as("no message is older than the one before; %s", everything)
                .isSorted();
        Level newest = history.levels.get(EVENTS - 1);
        if (accepted.isEmpty()) {
            assertThat(newest)
                    .as("no message means that the alert is OK; %s", everything)
                    .isEqualTo(Level.OK);
        } else {
            assertThat(history.levels.get(accepted.get(accepted.size() - 1)))
                    .as("the last message is the newest level; %s", everything)
                    .isEqualTo(newest);
        }
        Set<Integer> changes = new HashSet<>();
        int repeated = 0;
        for (int event : accepted) {
            repeated += changes.add(history.change(event)) ? 0 : 1;
        }
        assertThat(repeated)
                .as("no change is sent twice except after a lost answer; %s", everything)
                .isLessThanOrEqualTo(history.inDoubt.get() + Math.max(0, unprovokedDoubt));
    }

    @Test
    void everyFaultHappened() {
        for (Mood mood : Mood.values()) {
            assertThat(count(mood)).as("%s", mood).isPositive();
        }
        String all = HISTORIES.values().stream().map(History::toString).collect(joining("\n"));
        assertThat(all)
                .contains("\"reason\":\"stale\"", "\"reason\":\"unchanged\"", "\"status\":\"sent\"")
                .contains(" 503 ", " 422 ");
    }

    private static void run(int seed, ExecutorService threads) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<Copy> copies = new ArrayList<>();
        for (int alert = 0; alert < ALERTS; alert++) {
            History history = new History(id(seed, alert));
            // One of two levels, so that an alert often returns to the level before a lost answer.
            int one = random.nextInt(LEVELS.size());
            int other = (one + 1 + random.nextInt(LEVELS.size() - 1)) % LEVELS.size();
            for (int event = 0; event < EVENTS; event++) {
                history.levels.add(LEVELS.get(random.nextBoolean() ? one : other));
            }
            HISTORIES.put(history.id, history);
            for (int event = 0; event < EVENTS; event++) {
                int first = random.nextInt(2);
                int more = random.nextInt(2);
                // Some events go to both instances, and each is up to three places early or late.
                for (int copy = 0; copy <= more; copy++) {
                    copies.add(new Copy(history, event, first + copy, event + random.nextDouble(3)));
                }
            }
        }
        copies.sort(Comparator.comparingDouble(Copy::place));
        List<Future<?>> deliveries = new ArrayList<>();
        for (Copy copy : copies) {
            deliveries.add(threads.submit(() -> {
                deliver(copy);
                return null;
            }));
        }
        for (Future<?> delivery : deliveries) {
            delivery.get();
        }
    }

    private static void deliver(Copy copy) throws Exception {
        History alert = copy.alert();
        for (int delivery = 0; delivery < MOST_DELIVERIES; delivery++) {
            // Alternates between the instances, as a load balancer may do.
            int instance = (copy.instance() + delivery) % INSTANCES.size();
            String answer;
            try {
                HttpResponse<String> response = INSTANCES
                        .get(instance)
                        .send(alert.id, copy.event(), alert.levels.get(copy.event()), alert.levelBefore(copy.event()))
                        .get(60, TimeUnit.SECONDS);
                answer = response.statusCode() + " " + response.body();
            } catch (ExecutionException lost) {
                answer = "no answer: " + lost.getCause();
            }
            alert.log.add("event " + copy.event() + " by " + instance + ": " + answer);
            if (answer.startsWith("200 ")) {
                if (answer.contains("\"degraded\":true")) {
                    // Sent but not settled: the store took longer than its second.
                    alert.inDoubt.incrementAndGet();
                }
                alert.acknowledged.add(copy.event());
                return;
            }
        }
    }

    private static Reaction reaction(ReceivedRequest request) {
        String[] words = request.message().split(" ", -1);
        History history = HISTORIES.get(words[0]);
        if (history == null) {
            return Reaction.accepts();
        }
        int event = Integer.parseInt(words[1]);
        Mood mood = mood(history, event);
        MOODS.computeIfAbsent(mood, none -> new AtomicInteger()).incrementAndGet();
        history.log.add("event " + event + " at HipChat: " + mood);
        return switch (mood) {
            case ACCEPTS -> accepts(history, event).after(Duration.ofMillis(1));
            case ACCEPTS_SLOWLY -> accepts(history, event).after(Duration.ofMillis(100));
            case LIMITS -> Reaction.throttles();
            case FORBIDS -> Reaction.answers(403);
            case FAILS -> Reaction.answers(500);
            case HANGS -> Reaction.hangs();
            case ACCEPTS_AND_CUTS -> {
                history.inDoubt.incrementAndGet();
                history.accepted.add(event);
                yield Reaction.acceptsAndCuts();
            }
        };
    }

    /**
     * Records the message when HipChat accepts it. A delayed reaction does not run if the client has cancelled its
     * request.
     */
    private static Reaction accepts(History history, int event) {
        return exchange -> {
            history.accepted.add(event);
            Reaction.accepts().to(exchange);
        };
    }

    /** Returns the same mood for the same request of the same event and seed: mostly a fault, but not for ever. */
    private static Mood mood(History history, int event) {
        int request = history.requests
                .computeIfAbsent(event, none -> new AtomicInteger())
                .getAndIncrement();
        // A refusal after a lost answer leaves the room's level unknown.
        boolean answerWasLost = request > 0 && mood(history, event, request - 1) == Mood.ACCEPTS_AND_CUTS;
        return answerWasLost ? Mood.FORBIDS : mood(history, event, request);
    }

    private static Mood mood(History history, int event, int request) {
        SplittableRandom random = new SplittableRandom(Objects.hash(history.id, event, request));
        boolean well = request >= MOST_FAULTS || random.nextInt(3) == 0;
        List<Mood> moods = well ? GOOD : BAD;
        return moods.get(random.nextInt(moods.size()));
    }

    private static int count(Mood mood) {
        return MOODS.getOrDefault(mood, new AtomicInteger()).get();
    }

    private static double inDoubt() throws IOException, InterruptedException {
        double sum = 0;
        for (Instance instance : INSTANCES) {
            sum += instance.metric("hipchat_notify_seconds_count{result=\"in-doubt\"}");
        }
        return sum;
    }

    private static String id(int seed, int alert) {
        return "run" + seed + "-" + alert;
    }
}
