package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonValue;
import io.hipchatalerts.alert.KebabCase;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Why nothing was sent, with the same words in answers, log lines and metric labels. */
@RegisterForReflection
public enum Reason {
    /** The room already shows this level. */
    UNCHANGED,
    /** A newer event of the same alert arrived before. */
    STALE,
    /** HipChat accepts no more messages for the room at the moment. */
    RATE_LIMITED,
    /** HipChat did not accept the message in time. */
    UNAVAILABLE,
    /** Another delivery of the alert is under way, or may still be accepted. */
    UNDER_WAY,
    /** {@code hipchat.enabled} is false. */
    DISABLED,
    /** The event came from a bus, does not name HipChat, and {@code hipchat.global} is false. */
    NOT_ADDRESSED,
    /** No handler's {@code match} accepts the event. */
    NO_MATCH,
    /** The event has neither id nor message, as Kapacitor's service test {@code httppost} posts it. */
    EMPTY_EVENT;

    @JsonValue
    @Override
    public String toString() {
        return KebabCase.of(this);
    }
}
