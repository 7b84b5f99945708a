package io.hipchatalerts.match;

/** A {@code match} that is not understood, or whose types cannot fit. */
public final class BadMatch extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Bad input, which has no use for a stack trace.
     *
     * @param detail what is wrong, where, and what was expected
     */
    BadMatch(String detail) {
        super(detail, null, false, false);
    }
}
