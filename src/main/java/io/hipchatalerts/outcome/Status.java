package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonValue;
import io.hipchatalerts.alert.KebabCase;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The result of an event or of one of its deliveries. An event has the first result here that a delivery of it has: a
 * failure comes first, so that the caller tries again.
 */
@RegisterForReflection
public enum Status {
    /** It could not be sent in time. The caller should try again. */
    FAILED,
    /** HipChat refused it permanently. Another try would not help. */
    REFUSED,
    /** It is kept in the state store and sent later. */
    PENDING,
    /** HipChat has accepted the message. */
    SENT,
    /** State changes only suppressed it. */
    SUPPRESSED,
    /** The event was not for HipChat. */
    SKIPPED;

    @JsonValue
    @Override
    public String toString() {
        return KebabCase.of(this);
    }
}
