package io.hipchatalerts.state;

import java.time.Instant;
import java.util.Optional;

/**
 * A delivery that asks for the lease of its alert.
 *
 * @param change the event
 * @param alert the other parts of the event, stored until it is sent; empty when it cannot be kept
 * @param isRetry whether this delivery claimed before and its event has waited in the record since then
 * @param owner a random number for this claim
 * @param leaseUntil the end of the lease if it is granted
 */
public record ClaimRequest(
        Change change, Optional<StoredAlert> alert, boolean isRetry, long owner, Instant leaseUntil) {}
