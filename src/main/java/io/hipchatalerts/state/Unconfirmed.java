package io.hipchatalerts.state;

import io.hipchatalerts.hipchat.SendResult;
import java.time.Instant;
import java.util.Optional;

/** A fact that belongs into the record of an alert, but that the store has not confirmed. */
public sealed interface Unconfirmed {

    /** The event concerned. */
    Change change();

    /** The answer of HipChat. */
    SendResult result();

    /**
     * The end of a delivery that took a lease, or that asked for one and got no answer from the store.
     *
     * @param owner the owner of the lease
     * @param due when the next try is due; empty when there is none
     * @param isLate whether the lease may have been over when HipChat answered
     * @param isClaimConfirmed whether the store confirmed the lease; if not, the write that takes it may still land
     */
    record Settlement(
            Change change,
            long owner,
            SendResult result,
            Optional<Instant> due,
            boolean isLate,
            boolean isClaimConfirmed)
            implements Unconfirmed {}

    /** The end of a delivery that was made without a lease, because the store was unavailable. */
    record WithoutLease(Change change, SendResult result) implements Unconfirmed {}
}
