package io.hipchatalerts.http.dev;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The number of messages that a room still accepts in the minute after its first message. */
record FloodControl(int remaining, Instant reset) {

    static final int LIMIT = 30;

    /** Returns the state of a room without a message in the last minute. */
    static FloodControl fresh(Instant now) {
        // The header with the reset has whole seconds.
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
