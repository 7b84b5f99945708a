package io.hipchatalerts.match;

/** A {@code match} that cannot be evaluated for an event. Kapacitor logs this and does not handle the event. */
public final class MatchFailed extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a stack trace: the event is the cause, not the code.
     *
     * @param reason why it cannot be evaluated
     */
    MatchFailed(String reason) {
        super(reason, null, false, false);
    }
}
