package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;

/** Why nothing was sent; the same words stand in answers, log lines and metric labels. */
@RegisterForReflection
public enum Reason {
    /** The room knows this level already. */
    UNCHANGED,
    /** A newer event of the same alert came first. */
    STALE,
    /** HipChat takes no more messages for the room at the moment. */
    RATE_LIMITED,
    /** HipChat did not accept the message in time. */
    UNAVAILABLE,
    /** Another delivery of the alert is under way, or may still be accepted. */
    UNDER_WAY,
    /** {@code hipchat.enabled} is false. */
    DISABLED,
    /** The event came off a bus without naming HipChat, and {@code hipchat.global} is false. */
    NOT_ADDRESSED,
    /** No handler's {@code match} took the event. */
    NO_MATCH,
    /** Neither id nor message: {@code kapacitor service-tests} posts that. */
    EMPTY_EVENT;

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
