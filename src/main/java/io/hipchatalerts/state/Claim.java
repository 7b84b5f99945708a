package io.hipchatalerts.state;

import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.time.Deadline;
import java.time.Duration;
import java.util.Optional;

/** What asking for the right to tell a room came to. */
public sealed interface Claim {

    /**
     * Tell it, then settle.
     *
     * @param held our hold; empty when there is no state to keep
     * @param degraded whether this was decided without the store
     * @param tellBy by when the telling has to end, so that time is left to settle
     */
    record Granted(Optional<Held> held, boolean degraded, Deadline tellBy) implements Claim {}

    /** The room needs no telling. */
    record Suppressed(Reason reason, boolean degraded) implements Claim {}

    /** Not now: another delivery is under way, or the store is out of reach and {@code on-outage=fail}. */
    record Refused(String detail, boolean degraded, Duration retryAfter) implements Claim {}

    /** Our hold on one alert, as it was written. */
    record Held(String key, Entry entry) {}
}
