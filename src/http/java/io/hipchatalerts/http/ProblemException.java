package io.hipchatalerts.http;

import io.hipchatalerts.outcome.Problem;

/** Carries a problem past Funqy to where it is answered. */
final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
