package io.hipchatalerts.match;

/** A {@code match} that cannot be told for this one event. Kapacitor logs that and does not handle the event. */
public final class MatchFailed extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * Something that is in the event, which has no use for a stack trace.
     *
     * @param reason what the event lacks
     */
    MatchFailed(String reason) {
        super(reason, null, false, false);
    }
}
