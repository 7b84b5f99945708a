package io.hipchatalerts.bench.soak;

import static io.hipchatalerts.bench.soak.SoakCommand.say;

import io.hipchatalerts.bench.process.Polling;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Many alerts change while HipChat answers 503; senders post each event once. */
final class Away implements Rooms.Script {

    private static final int ALERTS = 1_000;
    private static final int ROOMS = 10;

    /** An absence of this length takes each room to the longest backoff. Shorter deadlines keep its callers few. */
    private static final Duration LONG = Duration.ofMinutes(2);

    /** The longest backoff, a lease, and time for sending on a busy machine. */
    private static final Duration RECOVERY = Duration.ofMinutes(5);

    private final SoakCommand soak;
    private volatile boolean isAway;

    Away(SoakCommand soak) {
        this.soak = soak;
    }

    @Override
    public Reaction reactionTo(Rooms.Call call) {
        return isAway ? Reaction.answers(503) : call.accepts(Reaction.accepts());
    }

    boolean run() throws Exception {
        Map<String, String> settings = soak.length().compareTo(LONG) < 0
                ? Map.of()
                : Map.of("HIPCHAT_DEADLINE", "6s", "HIPCHAT_REQUEST_TIMEOUT", "2s");
        int ids = soak.quick ? ALERTS / 10 : ALERTS;
        try (Stage stage = new Stage(soak, this, settings, new Stage.Senders(ids, ROOMS, Duration.ZERO, false))) {
            int before = stage.hipChat.fake.requests().size();
            isAway = true;
            say("HipChat is away for " + soak.length().toSeconds() + " s");
            long begin = System.nanoTime();
            // Each alert changes twice, and three in four end on another level than OK.
            int events = 2 * ids;
            for (int number = 1; number <= events; number++) {
                String level = SoakCommand.LEVELS.get((number / ids * 2 + number % ids + 1) % 4);
                stage.sender.deliver(stage.alerts.get(number % ids).event(number, level));
                long due = begin + soak.length().toNanos() / events * number;
                Polling.until(soak.length(), Duration.ofMillis(1), () -> System.nanoTime() >= due);
            }
            List<ReceivedRequest> all = stage.hipChat.fake.requests();
            List<ReceivedRequest> meanwhile = all.subList(before, all.size());
            isAway = false;
            long back = System.currentTimeMillis();
            say("HipChat is back");
            boolean settled = stage.isSettled(RECOVERY, RECOVERY);
            long pending = stage.fleet.flush();
            return print(stage, meanwhile, back, settled && pending == 0);
        }
    }

    private List<Long> tenths(List<ReceivedRequest> meanwhile, long back) {
        Map<Long, Long> tenths = meanwhile.stream()
                .map(request -> 10 * (request.at().toEpochMilli() - back))
                .map(tenth -> 10 + Math.floorDiv(tenth, soak.length().toMillis()))
                .collect(Collectors.groupingBy(tenth -> tenth, Collectors.counting()));
        return LongStream.range(0, 10)
                .mapToObj(tenth -> tenths.getOrDefault(tenth, 0L))
                .toList();
    }

    private boolean print(Stage stage, List<ReceivedRequest> meanwhile, long back, boolean settled) {
        long lost = stage.lost();
        Collection<Long> each = meanwhile.stream()
                .collect(Collectors.groupingBy(request -> request.from() + " " + request.room(), Collectors.counting()))
                .values();
        Report report = new Report().row("alerts, rooms", stage.alerts.size() + ", " + ROOMS);
        stage.sender.report(report);
        report.row("requests to HipChat while it was away", meanwhile.size())
                .row("  in each tenth of the absence", tenths(meanwhile, back))
                .row(
                        "  of one instance for one room, fewest / most",
                        each.stream().reduce(Math::min).orElse(0L) + " / "
                                + each.stream().reduce(Math::max).orElse(0L))
                .row("requests since then", stage.hipChat.fake.requests().size() - meanwhile.size())
                .row("  of them digests", stage.hipChat.digests)
                .row("rooms show all newest levels, s after the return", stage.shownAfter(back))
                .row("LOST: room does not show the newest level", lost);
        return report.print(settled && lost == 0);
    }
}
