package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.report.Table;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** Many alerts, two instances, a HipChat that fails in turns, and instances that are stopped and killed. */
record Faults(SoakCommand soak, boolean retries) {

    private static final int PER_SECOND = 20;
    private static final Duration DRAIN = Duration.ofMinutes(5);
    private static final Map<String, String> SETTINGS = Map.of(
            "HIPCHAT_DEADLINE", "6s",
            "HIPCHAT_REQUEST_TIMEOUT", "2s",
            "HIPCHAT_PENDING_POLL", "5s");

    boolean run() throws Exception {
        Duration phase = Duration.ofMillis(soak.quick || !retries ? 1_500 : 4_000);
        Duration pause = Duration.ofSeconds(!retries ? 5 : soak.quick ? 3 : 10);
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
        try (Stage stage = new Stage(soak.program, SETTINGS, 120, 4)) {
            FailingHipChat hipChat = new FailingHipChat(stage.hipChat, soak.seed + 1, phase);
            Stopper stopper = new Stopper(stage, hipChat, pause, retries);
            Future<?> stops = threads.submit(stopper::takeTurns);
            Future<?> faults = threads.scheduleAtFixedRate(
                    hipChat::turn, phase.toMillis(), phase.toMillis(), TimeUnit.MILLISECONDS);
            Sender sender = new Sender(stage.instances, Duration.ofSeconds(5), retries);
            SplittableRandom random = new SplittableRandom(soak.seed);
            int events = (int) (PER_SECOND * soak.length().toSeconds());
            sender.stream(events, soak.length(), number -> event(stage, number, random));
            SoakCommand.say("no more faults; open and pending changes are sent");
            stopper.end();
            stops.get();
            // False if a turn has failed.
            if (!faults.cancel(false)) {
                faults.get();
            }
            threads.shutdown();
            // A turn that has begun would leave its fault behind.
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("A turn of HipChat's faults does not end");
            }
            hipChat.end();
            boolean isSettled = stage.isSettled(sender, DRAIN);
            long pending = stage.flush();
            Table table = new Table(List.of("soak", ""));
            table.add("events", events);
            sender.report(table);
            table.add("requests to HipChat", stage.hipChat.requestCount());
            hipChat.counts.forEach((fault, count) -> table.add("of them, HipChat's fault " + fault, count));
            table.add("instances killed / terminated", stopper.kills + " / " + stopper.terms);
            table.add("digests", stage.digests());
            table.add("STILL PENDING", pending);
            List<History> wrong = judge(stage.histories(hipChat.inDoubt()), table);
            return soak.publish(wrong, table, isSettled && pending == 0 && wrong.isEmpty());
        }
    }

    /** Returns an event of any alert: one in three repeats its level. */
    private static Event event(Stage stage, int number, SplittableRandom random) {
        Alert alert = stage.alerts.get(random.nextInt(stage.alerts.size()));
        String level = random.nextInt(3) == 0 ? alert.newest() : SoakCommand.LEVELS.get(random.nextInt(4));
        return stage.event(number, alert, level);
    }

    /** Adds the rows about what came into the rooms, and returns what is wrong. */
    private List<History> judge(List<History> histories, Table table) {
        Predicate<History> isLost = retries ? History::isLost : History::isPromiseLost;
        ToLongFunction<History> lost = history -> isLost.test(history) ? 1 : 0;
        table.add("claimed without an answer, by a process that was killed", sum(histories, Faults::claimed));
        table.add("changes in the rooms, digests by line", sum(histories, history -> history.messages()
                .size()));
        table.add("sent after, p50 / p99 / max ms", sentAfter(histories));
        table.add(
                "LOST: room does not show the newest " + (retries ? "" : "promised ") + "level", sum(histories, lost));
        table.add("LOST: answered sent, and not in the room", sum(histories, History::unsent));
        table.add("LOST: answered unchanged, and the room showed another", sum(histories, History::wronglyUnchanged));
        table.add("OUT OF ORDER", sum(histories, History::disordered));
        table.add(
                "REPEATED, and repeats that unclear answers and kills allow",
                sum(histories, History::repeated) + " of " + sum(histories, History::repeatsAllowed));
        table.add("REPEATED BEYOND", sum(histories, History::repeatedBeyond));
        return histories.stream()
                .filter(history -> isLost.test(history)
                        || history.unsent() + history.wronglyUnchanged() + history.disordered() > 0
                        || history.repeatedBeyond() > 0)
                .toList();
    }

    private static long sum(List<History> histories, ToLongFunction<History> figure) {
        return histories.stream().mapToLong(figure).sum();
    }

    private static long claimed(History history) {
        return history.alert().events.stream()
                .filter(event -> event.isClaimed && event.end == Event.End.UNCERTAIN)
                .count();
    }

    private static String sentAfter(List<History> histories) {
        Histogram times = new Histogram(3);
        histories.stream()
                .flatMap(history -> history.messages().stream())
                .forEach(message -> times.recordValue(Math.max(
                        0,
                        Duration.between(message.event().created, message.at()).toMillis())));
        return times.getValueAtPercentile(50) + " / " + times.getValueAtPercentile(99) + " / " + times.getMaxValue();
    }
}
