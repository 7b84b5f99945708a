package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonValue;
import io.hipchatalerts.alert.KebabCase;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** The result of an event or of one of its deliveries. */
@RegisterForReflection
public enum Status {
    /** HipChat has accepted the message. */
    SENT,
    /** It is kept in the state store and sent later. */
    PENDING,
    /** State changes only suppressed it. */
    SUPPRESSED,
    /** The event was not for HipChat. */
    SKIPPED,
    /** HipChat refused it permanently. Another try would not help. */
    REFUSED,
    /** It could not be sent in time. The caller should try again. */
    FAILED;

    @JsonValue
    @Override
    public String toString() {
        return KebabCase.of(this);
    }
}
