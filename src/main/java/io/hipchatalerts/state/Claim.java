package io.hipchatalerts.state;

import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.time.Deadline;
import java.time.Duration;
import java.time.Instant;

/** What asking for the right to tell a room came to. */
public sealed interface Claim {

    /**
     * Tell it, then settle.
     *
     * @param hold what is to be settled
     * @param tellBy by when the telling has to end, so that time is left to settle
     */
    record Granted(Hold hold, Deadline tellBy) implements Claim {}

    /** The room needs no telling. */
    record Suppressed(Reason reason, boolean degraded) implements Claim {}

    /** Not now: another delivery is under way, or the store is out of reach and {@code on-outage=fail}. */
    record Refused(String detail, boolean degraded, Duration retryAfter) implements Claim {}

    /** What a delivery has of its alert while it tells the room. */
    sealed interface Hold {}

    /** Nothing, for there is no state to keep. */
    record NoState() implements Hold {}

    /** Our hold on one alert, as it was written. */
    record Held(String key, Entry entry) implements Hold {}

    /** Nothing, for the store is out of reach; {@code time} is that of the event. */
    record WithoutStore(String key, Instant time) implements Hold {}
}
