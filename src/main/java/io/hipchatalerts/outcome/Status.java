package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;

/** What became of an event or of one of its deliveries. */
@RegisterForReflection
public enum Status {
    /** HipChat has accepted the message. */
    SENT,
    /** It is kept in the state store and sent later. */
    PENDING,
    /** State changes only held it back. */
    SUPPRESSED,
    /** It was not for HipChat. */
    SKIPPED,
    /** HipChat refused it for good: trying again would change nothing. */
    REFUSED,
    /** It could not be told in time: the caller should try again. */
    FAILED;

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
