package io.hipchatalerts.state;

import java.time.Instant;

/**
 * The lease that one delivery has on an alert while it sends. All other deliveries of the alert wait.
 *
 * @param owner the lease holder, a random number of the delivery that took the lease; only it may settle the lease
 * @param until the moment at which the lease ends by itself; HipChat accepts none of the owner's requests after it
 * @param before the level that was known when the lease began; a definite failure restores it
 * @param disputed whether another message may have reached the room during the lease; the level is unknown afterwards
 */
public record Lease(long owner, Instant until, LastSent before, boolean disputed) {

    /** Returns this lease, marked as disputed. */
    Lease dispute() {
        return new Lease(owner, until, LastSent.UNKNOWN, true);
    }
}
