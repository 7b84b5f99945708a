package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;

/** The level of the last message in the room, as far as it is known. */
public enum LastSent {
    /** HipChat never accepted a message. */
    NOTHING,
    /** A delivery is under way, or ended without a clear answer: HipChat may have accepted its message or not. */
    UNKNOWN,
    OK,
    INFO,
    WARNING,
    CRITICAL;

    /** Returns the value for an accepted message of {@code level}. */
    public static LastSent of(Level level) {
        return valueOf(level.name());
    }
}
