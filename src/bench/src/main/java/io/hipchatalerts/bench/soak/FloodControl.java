package io.hipchatalerts.bench.soak;

import io.hipchatalerts.fake.Answer;
import io.hipchatalerts.fake.Reaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** HipChat's limit for a room: so many messages in a window, and headers that say how many are left. */
final class FloodControl implements Rooms.Script {

    private final int limit;
    private final int window;
    private final List<Integer> refused = new ArrayList<>();
    private final Map<Long, Integer> seconds = new TreeMap<>();
    private long reset;
    private int left;
    private int accepted;

    FloodControl(int limit, int window) {
        this.limit = limit;
        this.window = window;
    }

    @Override
    public synchronized Reaction reactionTo(Rooms.Call call) {
        long now = System.currentTimeMillis() / 1000;
        seconds.merge(now, 1, Integer::sum);
        if (now >= reset) {
            reset = now + window;
            left = limit;
            refused.add(0);
        }
        boolean accepts = left > 0;
        left -= accepts ? 1 : 0;
        accepted += accepts ? 1 : 0;
        refused.set(refused.size() - 1, refused.get(refused.size() - 1) + (accepts ? 0 : 1));
        Answer answer = accepts ? Reaction.accepts() : Reaction.throttles();
        Answer withHeaders = answer.floodControl(limit, left, Instant.ofEpochSecond(reset));
        return accepts ? call.accepts(withHeaders) : withHeaders;
    }

    /** Adds the rows about requests and limits. */
    synchronized void report(Report report) {
        int limited = refused.stream().mapToInt(Integer::intValue).sum();
        int requests = limited + accepted;
        report.row("requests to HipChat", requests)
                .row("  of them 429", limited + " = " + Math.round(100.0 * limited / Math.max(1, requests)) + " %")
                .row("  429 in each window", refused)
                .row("  most requests in one second", seconds.values().stream().reduce(0, Math::max))
                .row("messages in the room", accepted);
    }
}
