package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;

/**
 * The result of one delivery.
 *
 * @param handler the topic handler that named the room; null if none did
 * @param room the room; null if a handler that declined has none
 * @param status the result
 * @param reason why it was not sent; null if it was sent, or HipChat is the reason
 * @param attempts the number of requests to HipChat
 * @param degraded whether the state store was unavailable
 * @param detail why it was refused or failed, or why a match could not be evaluated; else empty
 * @param retryAfter the time after which to try a failed delivery again
 */
@RegisterForReflection
public record DeliveryOutcome(
        String handler,
        String room,
        Status status,
        Reason reason,
        int attempts,
        @JsonIgnore boolean degraded,
        @JsonIgnore String detail,
        @JsonIgnore Duration retryAfter) {

    /** Returns a delivery that state changes only suppressed. */
    public static DeliveryOutcome suppressed(
            String handler, String room, Reason reason, int attempts, boolean degraded) {
        return new DeliveryOutcome(handler, room, Status.SUPPRESSED, reason, attempts, degraded, "", Duration.ZERO);
    }

    /** Returns a delivery that the topic handler declined; {@code failure} says why its match could not be evaluated. */
    public static DeliveryOutcome declined(String handler, String room, String failure) {
        return new DeliveryOutcome(handler, room, Status.SKIPPED, Reason.NO_MATCH, 0, false, failure, Duration.ZERO);
    }

    /** Returns a delivery that failed; {@code detail} says why. */
    public static DeliveryOutcome failed(
            String handler, String room, int attempts, boolean degraded, String detail, Duration retryAfter) {
        return new DeliveryOutcome(handler, room, Status.FAILED, null, attempts, degraded, detail, retryAfter);
    }

    /** Returns a delivery that the state store keeps, to be sent later. */
    public static DeliveryOutcome pending(String handler, String room, Reason reason, int attempts, boolean degraded) {
        return new DeliveryOutcome(handler, room, Status.PENDING, reason, attempts, degraded, "", Duration.ZERO);
    }

    /** Returns a delivery that only this process keeps. The caller gets a failure, since the process may end first. */
    public static DeliveryOutcome kept(
            String handler, String room, Reason reason, int attempts, boolean degraded, Duration retryAfter) {
        String detail = "The message was not sent in time (" + reason + "); this process goes on trying, but"
                + " hipchat.state.store=memory forgets it when the process ends";
        return new DeliveryOutcome(handler, room, Status.FAILED, reason, attempts, degraded, detail, retryAfter);
    }

    /** Returns a delivery whose message HipChat has accepted. */
    public static DeliveryOutcome sent(String handler, String room, int attempts, boolean degraded) {
        return new DeliveryOutcome(handler, room, Status.SENT, null, attempts, degraded, "", Duration.ZERO);
    }

    /** Returns a delivery whose message HipChat has refused permanently; {@code detail} says why. */
    public static DeliveryOutcome refused(String handler, String room, int attempts, boolean degraded, String detail) {
        return new DeliveryOutcome(handler, room, Status.REFUSED, null, attempts, degraded, detail, Duration.ZERO);
    }
}
