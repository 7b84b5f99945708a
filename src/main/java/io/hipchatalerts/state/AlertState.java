package io.hipchatalerts.state;

import java.time.Instant;
import java.util.Optional;

/**
 * The record of one alert in one room.
 *
 * @param lastSent the level of the last message in the room; {@link LastSent#UNKNOWN} from the claim until a clear
 *     answer
 * @param lastSentAt the event time of the last message that HipChat accepted
 * @param newest the newest event time that was considered; {@link Instant#MIN} before the first event
 * @param lease the lease of the delivery under way, or of one that never ended
 * @param inDoubt the requests that HipChat may still accept although their deliveries have ended
 * @param pending the newest event that was considered and is not sent yet
 */
public record AlertState(
        LastSent lastSent,
        Optional<Instant> lastSentAt,
        Instant newest,
        Optional<Lease> lease,
        Optional<InDoubt> inDoubt,
        Optional<Pending> pending) {

    /** The state before the first event. */
    public static final AlertState INITIAL = new AlertState(
            LastSent.NOTHING, Optional.empty(), Instant.MIN, Optional.empty(), Optional.empty(), Optional.empty());

    /** Returns whether a delivery has the lease at {@code now}. */
    public boolean isLeasedAt(Instant now) {
        return lease.filter(current -> now.isBefore(current.until())).isPresent();
    }

    /** Returns this record with another pending event, or with none. */
    AlertState withPending(Optional<Pending> other) {
        return new AlertState(lastSent, lastSentAt, newest, lease, inDoubt, other);
    }

    /** Returns whether the lease belongs to {@code owner}, also after its end. */
    boolean isLeasedBy(long owner) {
        return lease.filter(current -> current.owner() == owner).isPresent();
    }
}
