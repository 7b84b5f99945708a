package io.hipchatalerts.state;

import io.hipchatalerts.hipchat.SendResult;
import java.time.Instant;
import java.util.Optional;

/** A fact for the record of an alert that the store has not confirmed. */
public sealed interface Unconfirmed {

    /** Returns the event. */
    Change change();

    /** Returns HipChat's answer. */
    SendResult result();

    /** Returns whether {@code other}, of the same alert, adds nothing to this fact. */
    default boolean covers(Unconfirmed other) {
        return false;
    }

    /**
     * The end of a delivery that took a lease, or that asked for one without an answer from the store.
     *
     * @param owner the owner of the lease
     * @param due the moment of the next try; empty when there is none
     * @param isLate whether the lease may have ended before HipChat answered
     * @param isClaimConfirmed whether the store confirmed the lease; if not, the write of the lease may still arrive
     */
    record Settlement(
            Change change,
            long owner,
            SendResult result,
            Optional<Instant> due,
            boolean isLate,
            boolean isClaimConfirmed)
            implements Unconfirmed {}

    /** The end of a delivery without a lease, because the store was unavailable. */
    record WithoutLease(Change change, SendResult result) implements Unconfirmed {

        /** In a long outage each event of an alert leaves a fact. */
        @Override
        public boolean covers(Unconfirmed other) {
            return other instanceof WithoutLease
                    && result instanceof SendResult.Accepted
                    && !(other.result() instanceof SendResult.InDoubt)
                    && (other.change().time().isBefore(change.time())
                            || other.change().isSameEvent(change));
        }
    }
}
