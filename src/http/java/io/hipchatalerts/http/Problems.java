package io.hipchatalerts.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.Problem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Answers every failed request with {@code application/problem+json}, and nothing of our insides in it. */
@ApplicationScoped
class Problems {

    private static final Logger LOG = Logger.getLogger(Problems.class);

    private final ObjectMapper json;

    Problems(ObjectMapper json) {
        this.json = json;
    }

    void answer(RoutingContext request) {
        Problem problem = problem(request);
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(problem.status()).putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json");
        switch (problem.status()) {
            case 401 -> response.putHeader("WWW-Authenticate", "Bearer");
            case 405 -> response.putHeader(HttpHeaders.ALLOW, "POST");
            case 503 -> response.putHeader(HttpHeaders.RETRY_AFTER, retryAfter(problem));
            default -> {}
        }
        try {
            response.end(json.writeValueAsString(problem));
        } catch (JsonProcessingException cannotBe) {
            LOG.error("A problem could not be written", cannotBe);
            response.end();
        }
    }

    private static Problem problem(RoutingContext request) {
        for (Throwable cause = request.failure(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException expected) {
                return expected.problem();
            }
            if (cause instanceof BadAlert bad) {
                return Problem.badRequest(bad.getMessage());
            }
        }
        return switch (request.statusCode()) {
            case 400 -> Problem.badRequest("The request's address or headers are malformed");
            case 413 ->
                Problem.of(
                        413,
                        "Content Too Large",
                        "The body is over 1 MiB; Kapacitor's details and data are not"
                                + " needed, so send less of them");
            default -> {
                LOG.error("A request failed by a bug", request.failure());
                yield Problem.of(500, "Internal Server Error", "This is a bug; the log has more");
            }
        };
    }

    /** Whole seconds, at least one: zero would invite a hot loop. */
    private static String retryAfter(Problem problem) {
        long seconds = problem.retryAfter() == null
                ? 1
                : problem.retryAfter().plusMillis(999).toSeconds();
        return Long.toString(Math.max(1, seconds));
    }
}
