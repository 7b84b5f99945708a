package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;

/** What a room has been told about an alert, as far as is known. */
public enum Told {
    /** No message was ever accepted. */
    NOTHING,
    /** A message is under way, or ended without a clear answer: the room may have read it or not. */
    UNKNOWN,
    OK,
    INFO,
    WARNING,
    CRITICAL;

    /** That {@code level} was told. */
    public static Told of(Level level) {
        return valueOf(level.name());
    }
}
