package io.hipchatalerts.web;

import io.hipchatalerts.outcome.Problem;

/** Carries a problem past Funqy, which knows no statuses, to where it is answered. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    /** Needs no stack trace: the problem says it all. */
    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** What is to be answered. */
    public Problem problem() {
        return problem;
    }

    /** The detail alone: where an exception is the answer, on AWS Lambda, Funqy makes its text of this. */
    @Override
    @SuppressWarnings("OverrideThrowableToString")
    public String toString() {
        return problem.detail();
    }
}
