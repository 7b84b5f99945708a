package io.hipchatalerts.time;

import java.time.Duration;

/** What {@link Duration} lacks. */
public final class Durations {

    private Durations() {}

    /** The shorter of the two; either, if they are alike. */
    public static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
