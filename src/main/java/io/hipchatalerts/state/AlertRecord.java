package io.hipchatalerts.state;

import java.time.Instant;
import java.util.Optional;

/**
 * What is remembered of one alert in one room.
 *
 * @param told what the room was told last; {@link Told#UNKNOWN} from the claim until HipChat's clear answer
 * @param newest the newest event time that was taken into account
 * @param arrival how many events of that time were, from 1 on; of these the last one counts
 * @param lastSent the event time of the last message that HipChat accepted
 * @param hold the delivery under way, or one that never came back
 */
public record AlertRecord(Told told, Instant newest, int arrival, Optional<Instant> lastSent, Optional<Hold> hold) {

    /** Checked, since records are read from stores that others could write to. */
    public AlertRecord {
        if (arrival < 1) {
            throw new IllegalArgumentException("arrivals are counted from 1 on");
        }
    }

    /**
     * A delivery's hold on its alert.
     *
     * @param before what the room had been told when the hold began; a definite failure puts it back
     * @param end the moment from which on the hold no longer counts
     */
    public record Hold(Told before, Instant end) {}

    /** Whether a delivery holds this alert at {@code now}. */
    boolean isHeldAt(Instant now) {
        return hold.filter(current -> now.isBefore(current.end())).isPresent();
    }
}
