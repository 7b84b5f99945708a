package io.hipchatalerts.bench.load;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** A kind of calls to one port, and the connections that stay open between them. */
public final class Target implements AutoCloseable {

    private final int port;
    private final boolean keepsConnections;
    private final AtomicLong made;
    private final LongFunction<Call> calls;
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();

    private Target(int port, boolean keepsConnections, AtomicLong made, LongFunction<Call> calls) {
        this.port = port;
        this.keepsConnections = keepsConnections;
        this.made = made;
        this.calls = calls;
    }

    private Target(int port, LongFunction<Call> calls) {
        this(port, true, new AtomicLong(), calls);
    }

    /** Returns notifications straight to HipChat. */
    public static Target straight(int port) {
        return new Target(port, n -> Call.post(port, Alerts.ROOM, Alerts.notification(n % Alerts.IDS), Call.ACCEPTED));
    }

    /** Returns alerts without state, so that each is sent. */
    public static Target sent(int port) {
        return new Target(
                port, n -> Call.post(port, Alerts.STATELESS, Alerts.event(n, n % Alerts.IDS, "CRITICAL"), Call.SENT));
    }

    /** Returns alerts for the bare function. */
    public static Target answered(int port) {
        return new Target(port, n -> alert(port, n, n % Alerts.IDS, "CRITICAL", Call.ANSWERED));
    }

    /** Returns one first CRITICAL alert for each id from this one on. */
    public static Target first(int port, int id) {
        return new Target(port, n -> alert(port, n, id + n, "CRITICAL", Call.SENT));
    }

    /** Returns alerts that change nothing, over every other one of {@code ids} alerts that are CRITICAL. */
    public static Target unchanged(int port, int ids) {
        return new Target(port, n -> alert(port, n + ids, 2 * scattered(n, ids / 2), "CRITICAL", Call.SUPPRESSED));
    }

    /** Returns alerts over the other half of them, which change with each visit. */
    public static Target changed(int port, int ids) {
        int half = ids / 2;
        return new Target(port, n -> {
            String level = n / half % 2 == 0 ? "WARNING" : "CRITICAL";
            return alert(port, n + ids, 2 * scattered(n, half) + 1, level, Call.SENT);
        });
    }

    /** Returns alerts over the first ids whose level changes with every tenth event. */
    public static Target mixed(int port) {
        return new Target(port, n -> {
            long visit = n / Alerts.IDS;
            String due = visit % 10 == 0 ? Call.SENT : Call.SUPPRESSED;
            return alert(port, n, n % Alerts.IDS, visit / 10 % 2 == 0 ? "CRITICAL" : "OK", due);
        });
    }

    private static Call alert(int port, long number, long id, String level, String due) {
        return Call.post(port, Alerts.STATEFUL, Alerts.event(number, id, level), due);
    }

    /** Returns each id once before any comes again, and no id near the one before; the factor has no 2 and no 5. */
    static long scattered(long number, int ids) {
        return number % ids * 618_033_989 % ids;
    }

    /** Returns the same calls with a new connection for each, as Kapacitor makes them. */
    public Target withConnectionEach() {
        return new Target(port, false, made, calls);
    }

    /** Returns the number of calls so far. */
    public long made() {
        return made.get();
    }

    Call next() {
        return calls.apply(made.getAndIncrement());
    }

    Connection connection() throws IOException {
        Connection kept = idle.poll();
        return kept == null ? new Connection(port) : kept;
    }

    void giveBack(Connection connection) {
        if (keepsConnections) {
            idle.add(connection);
        } else {
            connection.close();
        }
    }

    @Override
    public void close() {
        idle.forEach(Connection::close);
        idle.clear();
    }
}
