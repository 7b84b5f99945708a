package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.report.Table;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Many alerts change while HipChat answers 503; senders post each event once. */
record Away(SoakCommand soak, Duration length) {

    private static final int ROOMS = 10;

    /** An absence of this length takes each room to the longest backoff. Shorter deadlines keep its callers few. */
    private static final Duration LONG = Duration.ofMinutes(2);

    /** The longest backoff, a lease, and time for sending on a busy machine. */
    private static final Duration RECOVERY = Duration.ofMinutes(5);

    boolean run() throws Exception {
        Map<String, String> settings = length.compareTo(LONG) < 0
                ? Map.of()
                : Map.of("HIPCHAT_DEADLINE", "6s", "HIPCHAT_REQUEST_TIMEOUT", "2s");
        int ids = soak.quick ? 100 : 1_000;
        try (Stage stage = new Stage(soak.program, settings, ids, ROOMS)) {
            int before = stage.hipChat.requests().size();
            stage.hipChat.reacts(Reaction.answers(503));
            Sender sender = new Sender(stage.instances, Duration.ZERO, false);
            // Each alert changes twice, and three in four end on another level than OK.
            sender.stream(2 * ids, length, number -> {
                String level = SoakCommand.LEVELS.get((number / ids * 2 + number % ids + 1) % 4);
                return stage.event(number, stage.alerts.get(number % ids), level);
            });
            List<ReceivedRequest> all = stage.hipChat.requests();
            List<ReceivedRequest> meanwhile = all.subList(before, all.size());
            stage.hipChat.reacts(Reaction.accepts());
            Instant back = Instant.now();
            SoakCommand.say("HipChat is back");
            boolean isSettled = stage.isSettled(sender, RECOVERY);
            long pending = stage.flush();
            List<History> lost = stage.lost();
            Table table = new Table(List.of("HipChat away for " + length.toSeconds() + " s", ""));
            table.add("alerts, rooms", ids + ", " + ROOMS);
            sender.report(table);
            table.add("requests to HipChat while it was away", meanwhile.size());
            table.add("of one instance for one room, at most", mostOfOne(meanwhile));
            table.add("requests since then", stage.hipChat.requestCount() - all.size());
            table.add("of them digests", stage.digests());
            table.add("rooms show all newest levels, s after the return", stage.shownAfter(back));
            table.add("LOST: room does not show the newest level", lost.size());
            return soak.publish(lost, table, isSettled && pending == 0 && lost.isEmpty());
        }
    }

    private static long mostOfOne(List<ReceivedRequest> requests) {
        return requests.stream()
                .collect(Collectors.groupingBy(request -> request.from() + " " + request.room(), Collectors.counting()))
                .values()
                .stream()
                .reduce(0L, Math::max);
    }
}
