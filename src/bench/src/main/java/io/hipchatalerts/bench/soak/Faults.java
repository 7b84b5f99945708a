package io.hipchatalerts.bench.soak;

import static io.hipchatalerts.bench.soak.SoakCommand.say;

import io.hipchatalerts.bench.process.Polling;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** Many alerts, two instances, a HipChat that fails in turns, and instances that are stopped and killed. */
final class Faults {

    private static final int PER_SECOND = 20;
    private static final int MOST_OPEN = 400;
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final Duration DRAIN = Duration.ofMinutes(5);
    private static final Map<String, String> SETTINGS = Map.of(
            "HIPCHAT_DEADLINE", "6s",
            "HIPCHAT_REQUEST_TIMEOUT", "2s",
            "HIPCHAT_PENDING_POLL", "5s");

    private final SoakCommand soak;
    private final boolean retries;

    Faults(SoakCommand soak, boolean retries) {
        this.soak = soak;
        this.retries = retries;
    }

    boolean run() throws Exception {
        Moods moods = new Moods(soak.seed + 1, soak.quick || !retries ? 1_500 : 4_000);
        Stage.Senders senders = new Stage.Senders(120, 4, Duration.ofSeconds(5), retries);
        try (Stage stage = new Stage(soak, moods, SETTINGS, senders)) {
            say("alerts come in for " + soak.length().toSeconds() + " s");
            moods.begin(stage.hipChat.fake);
            Duration pause = Duration.ofSeconds(!retries ? 5 : soak.quick ? 3 : 10);
            Stopper stopper = new Stopper(stage, pause, retries);
            stopper.start();
            stream(stage);
            say("no more faults; open and pending changes are sent");
            stopper.end();
            moods.end();
            boolean settled = stage.isSettled(DRAIN, DRAIN);
            return print(stage, stopper, moods, settled, stage.fleet.flush());
        }
    }

    private void stream(Stage stage) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(soak.seed);
        long begin = System.nanoTime();
        long due = 0;
        for (int number = 1; due < soak.length().toNanos(); number++) {
            Alert alert = stage.alerts.get(random.nextInt(stage.alerts.size()));
            // One in three repeats its level.
            String level = random.nextInt(3) == 0 ? alert.newest() : SoakCommand.LEVELS.get(random.nextInt(4));
            stage.sender.deliver(alert.event(number, level));
            due += TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
            long moment = begin + due;
            Polling.until(
                    FOREVER,
                    Duration.ofMillis(5),
                    () -> System.nanoTime() >= moment && stage.sender.open() <= MOST_OPEN);
            due = Math.max(due, System.nanoTime() - begin - TimeUnit.SECONDS.toNanos(1));
        }
    }

    private boolean print(Stage stage, Stopper stopper, Moods moods, boolean settled, long pending) {
        int unheard = stage.hipChat.forgiveUnheard();
        List<Alert> alerts = stage.alerts;
        ToLongFunction<Alert> isLost = alert -> (retries ? alert.isLost() : alert.isPromiseLost()) ? 1 : 0;
        long lost = sum(alerts, isLost);
        long unsent = sum(alerts, Alert::unsent);
        long disordered = sum(alerts, Alert::disordered);
        long beyond = sum(alerts, Alert::repeatedBeyond);
        int wronglyUnchanged = stage.sender.wronglyUnchanged.get();
        alerts.stream()
                .filter(alert ->
                        isLost.applyAsLong(alert) + alert.unsent() + alert.disordered() + alert.repeatedBeyond() > 0)
                .forEach(System.out::println);
        Report report = new Report();
        stage.sender.report(report);
        if (!retries) {
            report.row("  without an answer, but claimed by a process that was killed", sum(alerts, Faults::claimed));
        }
        report.row("requests to HipChat", stage.hipChat.requests);
        moods.report(report);
        report.row("  answers that the program had given up on", unheard)
                .row("instances killed / terminated", stopper)
                .row("changes in the rooms, digests by line", sum(alerts, alert -> alert.messages()
                        .size()))
                .row("digests", stage.hipChat.digests)
                .row("sent after, p50 / p99 / max ms", sentAfter(alerts))
                .row("never acknowledged", stage.sender.open())
                .row("STILL PENDING", pending)
                .row("LOST: room does not show the newest " + (retries ? "level" : "answered or claimed level"), lost)
                .row("LOST: answered sent, and not in the room", unsent)
                .row("LOST: answered unchanged, and the room showed another", wronglyUnchanged)
                .row("OUT OF ORDER", disordered)
                .row(
                        "REPEATED, and repeats that unclear answers and kills allow",
                        sum(alerts, Alert::repeated) + " of " + sum(alerts, Alert::repeatsAllowed))
                .row("REPEATED BEYOND", beyond);
        return report.print(settled && pending == 0 && lost + unsent + disordered + beyond + wronglyUnchanged == 0);
    }

    private static long sum(List<Alert> alerts, ToLongFunction<Alert> figure) {
        return alerts.stream().mapToLong(figure).sum();
    }

    private static long claimed(Alert alert) {
        return alert.events().stream()
                .filter(event -> event.isClaimed && event.end == Event.End.UNCERTAIN)
                .count();
    }

    private static String sentAfter(List<Alert> alerts) {
        Histogram times = new Histogram(3);
        alerts.forEach(alert -> alert.messages()
                .forEach(message -> times.recordValue(Math.max(0, message.at() - message.event().firstPost))));
        return times.getValueAtPercentile(50) + " / " + times.getValueAtPercentile(99) + " / " + times.getMaxValue();
    }
}
