package io.hipchatalerts.http.dev;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a room still takes in the minute that its first message opened. */
record FloodControl(int remaining, Instant reset) {

    static final int LIMIT = 30;

    /** A room that has had no message in the last minute. */
    static FloodControl fresh(Instant now) {
        // Whole seconds, because the header that carries the reset has no finer ones.
        return new FloodControl(LIMIT, now.truncatedTo(ChronoUnit.SECONDS).plus(1, ChronoUnit.MINUTES));
    }

    FloodControl at(Instant now) {
        return now.isBefore(reset) ? this : fresh(now);
    }

    boolean isOver() {
        return remaining == 0;
    }

    FloodControl afterOneMore() {
        return new FloodControl(remaining - 1, reset);
    }
}
