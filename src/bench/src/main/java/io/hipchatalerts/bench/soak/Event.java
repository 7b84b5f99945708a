package io.hipchatalerts.bench.soak;

import java.time.Instant;

/** One event of an alert, however often it is delivered. */
final class Event {

    /** The end of an event, as its sender sees it. */
    enum End {
        /** There is no answer yet. */
        OPEN,
        /** No process had it. */
        UNREACHED,
        /** An error, or no answer. */
        UNCERTAIN,
        STALE,
        SENT,
        /** Pending, or suppressed as unchanged. */
        KEPT
    }

    private static final Instant FIRST = Instant.parse("2026-05-02T09:15:30Z");

    final Alert alert;
    final int number;
    final String level;
    final int change;
    private final String previous;
    volatile long firstPost;
    volatile End end = End.OPEN;
    volatile boolean isClaimed;

    /** Makes an event; {@code change} is the number of changes of its alert so far. */
    Event(Alert alert, int number, String level, String previous, int change) {
        this.alert = alert;
        this.number = number;
        this.level = level;
        this.previous = previous;
        this.change = change;
    }

    String json() {
        return """
                {"id": "%s", "message": "%s", "level": "%s", "previousLevel": "%s", "time": "%s"}""".formatted(alert.id, message(), level, previous, FIRST.plusSeconds(number));
    }

    /** Returns whether no broker delivers it again. */
    boolean isOver() {
        return end == End.STALE || end == End.SENT || end == End.KEPT;
    }

    String message() {
        return "#" + number + " " + alert.id + " " + level;
    }
}
