package io.hipchatalerts.web;

import io.hipchatalerts.outcome.Problem;

/** Carries a problem through Funqy, which has no statuses, to the code that answers it. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    /** Creates an exception without a stack trace: the problem says enough. */
    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** Returns the answer. */
    public Problem problem() {
        return problem;
    }

    /** Returns the detail alone, which Funqy makes the answer's text on AWS Lambda. */
    @Override
    @SuppressWarnings("OverrideThrowableToString")
    public String toString() {
        return problem.detail();
    }
}
