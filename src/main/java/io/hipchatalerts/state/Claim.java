package io.hipchatalerts.state;

import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.Deadline;
import java.time.Instant;

/** The answer to a delivery that asks for a lease. */
public sealed interface Claim {

    /**
     * The delivery may send, and must settle afterwards.
     *
     *
     * @param grant the protection to settle
     * @param sendBy the moment by which sending must end, so that time is left to settle
     */
    record Granted(Grant grant, Deadline sendBy) implements Claim {}

    /** The event is no news to the room. */
    record Suppressed(Reason reason, boolean degraded) implements Claim {}

    /** Another delivery of the alert is under way or in doubt, at the latest until {@code until}. */
    record Busy(Instant until) implements Claim {}

    /** Somebody else sent or replaced the pending change in the meantime, and reported its outcome. */
    record Gone() implements Claim {}

    /** The state store is unavailable, and {@code hipchat.state.on-outage} is {@code fail}. */
    record Refused() implements Claim {}

    /** The protection that a delivery has while it sends. */
    sealed interface Grant {}

    /** No protection: the delivery keeps no state. */
    record NoState() implements Grant {}

    /**
     * A lease, as the store has it.
     *
     * @param isKeptAlready whether the event was pending before the delivery asked for the first time: an earlier
     *     delivery of it was answered as pending
     */
    record Leased(String key, Change change, Versioned versioned, long owner, boolean isKeptAlready) implements Grant {}

    /** No protection: the store is unavailable. {@code fact} counts until the delivery is settled. */
    record WithoutStore(String key, Unconfirmed fact) implements Grant {}
}
