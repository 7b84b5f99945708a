package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.process.Program;
import java.time.Instant;

/** One event of an alert, however often it is delivered, and what its sender knows of it. */
final class Event {

    /** The end of an event, as its sender sees it. */
    enum End {
        /** An error, or no answer, or none yet. */
        UNCERTAIN,
        /** No process had it. */
        UNREACHED,
        STALE,
        SENT,
        UNCHANGED,
        /** Pending, or suppressed for another reason. */
        KEPT;

        /** Returns whether no broker delivers it again. */
        boolean isFinal() {
            return this == STALE || isPromise();
        }

        /** Returns whether the room shows this event's level, or will do so. */
        boolean isPromise() {
            return this == SENT || this == UNCHANGED || this == KEPT;
        }
    }

    private static final Instant FIRST_TIME = Instant.parse("2026-05-02T09:15:30Z");

    final Alert alert;
    final int number;
    final String level;
    final int change;
    private final String previous;
    final Instant created = Instant.now();
    volatile Instant posted = created;
    volatile Instant answered = created;
    volatile Program at;
    volatile End end = End.UNCERTAIN;
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
                {"id": "%s", "message": "%s", "level": "%s", "previousLevel": "%s", "time": "%s"}""".formatted(alert.id, message(), level, previous, FIRST_TIME.plusSeconds(number));
    }

    String message() {
        return "#" + number + " " + alert.id + " " + level;
    }
}
