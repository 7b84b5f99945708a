package io.hipchatalerts.state;

/** How a delivery ended, as far as the told level is concerned. */
public enum Ending {
    /** HipChat has accepted the message. */
    ACCEPTED,
    /** HipChat certainly has not: no connection, refused, limited. */
    NOT_ACCEPTED,
    /** Nobody knows: no answer, or one that says nothing. */
    UNCLEAR
}
