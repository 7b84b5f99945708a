package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.report.Table;
import io.hipchatalerts.fake.Answer;
import io.hipchatalerts.fake.Reaction;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Ten times as many changes for one room as its HipChat accepts, from senders that wait for {@code Retry-After}. */
record Storm(SoakCommand soak, int alerts) {

    private static final int PER_MINUTE = 300;

    /** HipChat's limit for a room: so many messages in a window, and headers that say how many are left. */
    private static final class FloodControl {

        private final int limit;
        private final Duration window;
        private Instant reset = Instant.MIN;
        private int left;

        FloodControl(int limit, Duration window) {
            this.limit = limit;
            this.window = window;
        }

        synchronized Reaction reaction() {
            // The header has whole seconds: a room that opened later than it says would refuse messages in good time.
            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            if (!now.isBefore(reset)) {
                reset = now.plus(window);
                left = limit;
            }
            Answer answer = left > 0 ? Reaction.accepts() : Reaction.throttles();
            left = Math.max(0, left - 1);
            return answer.floodControl(limit, left, reset);
        }
    }

    boolean run() throws Exception {
        // Quick: storm, windows and deadline a sixth as long, at the same rates and with a sixth of the alerts.
        int part = soak.quick ? 6 : 1;
        Duration length = Duration.ofSeconds(120 / part);
        Map<String, String> settings = Map.of("HIPCHAT_DEADLINE", 25 / part + "s");
        try (Stage stage = new Stage(soak.program, settings, alerts / part, 1)) {
            long before = stage.hipChat.requestCount();
            FloodControl flood = new FloodControl(30 / part, Duration.ofSeconds(60 / part));
            stage.hipChat.decides(request -> flood.reaction());
            Sender sender = new Sender(stage.instances, Duration.ofMinutes(10), true);
            SplittableRandom random = new SplittableRandom(soak.seed);
            sender.stream(PER_MINUTE * 2 / part, length, number -> {
                Alert alert = stage.alerts.get(random.nextInt(stage.alerts.size()));
                int next = SoakCommand.LEVELS.indexOf(alert.newest()) + 1 + random.nextInt(3);
                return stage.event(number, alert, SoakCommand.LEVELS.get(next % 4));
            });
            Instant over = Instant.now();
            SoakCommand.say("the storm is over");
            boolean isSettled = stage.isSettled(sender, Duration.ofMinutes(12));
            long requests = stage.hipChat.requestCount() - before;
            long messages = stage.hipChat.accepted("room0").size();
            List<History> lost = stage.lost();
            Table table = new Table(List.of("storm", ""));
            table.add("alerts", stage.alerts.size());
            sender.report(table);
            table.add("requests to HipChat", requests);
            table.add("of them 429", requests - messages);
            table.add("messages in the room", messages);
            table.add("room shows all newest levels, s after the storm", stage.shownAfter(over));
            table.add("LOST: room does not show the newest level", lost.size());
            return soak.publish(lost, table, isSettled && lost.isEmpty());
        }
    }
}
