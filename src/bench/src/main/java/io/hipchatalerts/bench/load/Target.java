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
    private final AtomicLong counter;
    private final LongFunction<Call> calls;
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();

    private Target(int port, boolean keepsConnections, AtomicLong counter, LongFunction<Call> calls) {
        this.port = port;
        this.keepsConnections = keepsConnections;
        this.counter = counter;
        this.calls = calls;
    }

    private static Target of(int port, AtomicLong counter, LongFunction<Call> calls) {
        return new Target(port, true, counter, calls);
    }

    /** Returns notifications straight to HipChat. */
    public static Target straight(int port) {
        return of(
                port,
                new AtomicLong(),
                number -> Call.post(
                        port,
                        "/v2/room/alerts/notification",
                        Alerts.notification(number % Alerts.SENT_IDS),
                        "HTTP/1.1 204"));
    }

    /** Returns alerts without state, so that each is sent. */
    public static Target sent(int port) {
        return of(
                port,
                new AtomicLong(),
                number -> Call.post(
                        port, "/hipchat", Alerts.event(number, number % Alerts.SENT_IDS, "CRITICAL"), status("sent")));
    }

    /** Returns alerts for the bare function. */
    public static Target answered(int port) {
        return of(
                port,
                new AtomicLong(),
                number -> alert(port, number, number % Alerts.SENT_IDS, "CRITICAL", "answered"));
    }

    /** Returns one first CRITICAL alert for each id. */
    public static Target first(int port) {
        return of(port, new AtomicLong(), number -> alert(port, number, number, "CRITICAL", "sent"));
    }

    /** Returns alerts that go round the ids and keep each at its {@link Alerts#repeated} level. */
    public static Target repeating(int port, int ids, AtomicLong counter, String status) {
        return of(port, counter, number -> alert(port, number, number % ids, Alerts.repeated(number % ids), status));
    }

    /** Returns alerts that change nothing, over every other one of {@code ids} alerts that are CRITICAL. */
    public static Target unchanged(int port, int ids) {
        return of(
                port,
                new AtomicLong(ids),
                number -> alert(port, number, 2 * scattered(number, ids / 2), "CRITICAL", "suppressed"));
    }

    /** Returns alerts over the other half of them, which change with each visit. */
    public static Target changed(int port, int ids) {
        int half = ids / 2;
        return of(port, new AtomicLong(ids), number -> {
            String level = number / half % 2 == 0 ? "WARNING" : "CRITICAL";
            return alert(port, number, 2 * scattered(number, half) + 1, level, "sent");
        });
    }

    /** Returns alerts over the first ids whose level changes with every tenth event. */
    public static Target mixed(int port, AtomicLong counter) {
        return of(
                port,
                counter,
                number -> alert(
                        port,
                        number,
                        number % Alerts.SENT_IDS,
                        Alerts.changing(number),
                        Alerts.isChange(number) ? "sent" : "suppressed"));
    }

    private static Call alert(int port, long number, long id, String level, String status) {
        return Call.post(port, Alerts.STATEFUL, Alerts.event(number, id, level), status(status));
    }

    private static String status(String status) {
        return "\"status\":\"" + status + "\"";
    }

    /** Returns each id once before any comes again, and no id near the one before; the factor has no 2 and no 5. */
    static long scattered(long number, int ids) {
        return number % ids * 618_033_989 % ids;
    }

    /** Returns the same calls with a new connection for each, as Kapacitor makes them. */
    public Target withConnectionEach() {
        return new Target(port, false, counter, calls);
    }

    Call next() {
        return calls.apply(counter.getAndIncrement());
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
