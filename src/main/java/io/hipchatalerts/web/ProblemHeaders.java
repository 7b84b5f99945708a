package io.hipchatalerts.web;

import io.hipchatalerts.outcome.Problem;
import java.util.Map;

/** The headers of an error answer. */
public final class ProblemHeaders {

    private ProblemHeaders() {}

    /** Returns the media type and the headers that the status needs. */
    public static Map<String, String> of(Problem problem) {
        return switch (problem.status()) {
            case 401 -> Map.of("Content-Type", MediaType.PROBLEM, "WWW-Authenticate", "Bearer");
            case 405 -> Map.of("Content-Type", MediaType.PROBLEM, "Allow", "POST");
            case 503 -> Map.of("Content-Type", MediaType.PROBLEM, "Retry-After", retryAfter(problem));
            default -> Map.of("Content-Type", MediaType.PROBLEM);
        };
    }

    /** Returns whole seconds, at least one: zero would make callers retry in a hot loop. */
    private static String retryAfter(Problem problem) {
        long seconds = problem.retryAfter() == null
                ? 1
                : problem.retryAfter().plusMillis(999).toSeconds();
        return Long.toString(Math.max(1, seconds));
    }
}
