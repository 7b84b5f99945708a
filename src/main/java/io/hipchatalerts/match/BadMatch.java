package io.hipchatalerts.match;

/** A {@code match} with a syntax or type error. */
public final class BadMatch extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a stack trace: the input is wrong, not the code.
     *
     * @param detail what is wrong, where, and what was expected
     */
    BadMatch(String detail) {
        super(detail, null, false, false);
    }
}
