package io.hipchatalerts.bench.soak;

import static io.hipchatalerts.bench.soak.SoakCommand.LEVELS;
import static io.hipchatalerts.bench.soak.SoakCommand.say;

import io.hipchatalerts.bench.process.Polling;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;

/** Ten times as many changes for one room as its HipChat accepts, from senders that wait for {@code Retry-After}. */
record Storm(SoakCommand soak) {

    private static final int PER_MINUTE = 300;
    private static final Duration LOOK = Duration.ofMillis(5);

    boolean run() throws Exception {
        // Quick: storm, windows and deadline a sixth as long, at the same rates and with a sixth of the alerts.
        int part = soak.quick ? 6 : 1;
        Duration length = Duration.ofSeconds(120 / part);
        FloodControl flood = new FloodControl(30 / part, 60 / part);
        Map<String, String> settings = Map.of("HIPCHAT_DEADLINE", 25 / part + "s");
        Stage.Senders senders = new Stage.Senders(soak.alerts / part, 1, Duration.ofMinutes(10), true);
        try (Stage stage = new Stage(soak, flood, settings, senders)) {
            SplittableRandom random = new SplittableRandom(soak.seed);
            say(PER_MINUTE + " changes a minute for " + length.toSeconds() + " s");
            long begin = System.currentTimeMillis();
            int events = (int) (PER_MINUTE * length.toSeconds() / 60);
            for (int number = 1; number <= events; number++) {
                Alert alert = stage.alerts.get(random.nextInt(stage.alerts.size()));
                String level = LEVELS.get((LEVELS.indexOf(alert.newest()) + 1 + random.nextInt(3)) % 4);
                stage.sender.deliver(alert.event(number, level));
                long due = begin + number * 60_000L / PER_MINUTE;
                Polling.until(length, LOOK, () -> System.currentTimeMillis() >= due);
            }
            long over = System.currentTimeMillis();
            say("the storm is over");
            boolean settled = stage.isSettled(Duration.ofMinutes(12), Duration.ofMinutes(5));
            return print(stage, flood, over, settled);
        }
    }

    private static boolean print(Stage stage, FloodControl flood, long over, boolean settled) {
        long lost = stage.lost();
        Report report = new Report().row("alerts", stage.alerts.size());
        stage.sender.report(report);
        flood.report(report);
        report.row(
                        "  changes in them, digests by line",
                        stage.alerts.stream()
                                .mapToInt(alert -> alert.messages().size())
                                .sum())
                .row(
                        "  outdated already when sent",
                        stage.alerts.stream().mapToInt(Alert::outdated).sum())
                .row("room shows all newest levels, s after the storm", stage.shownAfter(over))
                .row("never acknowledged", stage.sender.open())
                .row("LOST: room does not show the newest level", lost);
        return report.print(settled && lost == 0);
    }
}
