package io.hipchatalerts.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.EventLog;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.web.Admission;
import io.hipchatalerts.web.ProblemException;
import io.hipchatalerts.web.ProblemHeaders;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Answers every failed request with {@code application/problem+json} and without internal details. */
@ApplicationScoped
class Problems {

    private static final Logger LOG = Logger.getLogger(Problems.class);

    private final ObjectMapper json;
    private final EventLog eventLog;

    Problems(ObjectMapper json, EventLog eventLog) {
        this.json = json;
        this.eventLog = eventLog;
    }

    void answer(RoutingContext request) {
        HttpServerResponse response = request.response();
        // The caller has closed the connection.
        if (response.ended() || response.closed()) {
            return;
        }
        Problem problem = problem(request);
        response.setStatusCode(problem.status());
        ProblemHeaders.of(problem).forEach(response::putHeader);
        try {
            Future<Void> answered = response.end(json.writeValueAsString(problem));
            if (problem.status() == 408) {
                // Nobody reads the rest of the body.
                answered.onComplete(done -> request.request().connection().close());
            }
        } catch (JsonProcessingException cannotBe) {
            LOG.error("An error answer could not be written", cannotBe);
            response.end();
        }
    }

    private Problem problem(RoutingContext request) {
        for (Throwable cause = request.failure(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException expected) {
                return expected.problem();
            }
            if (cause instanceof BadAlert bad) {
                return Problem.badRequest(bad.getMessage());
            }
        }
        return switch (request.statusCode()) {
            case 400 -> invalid(Problem.badRequest("The request's address or headers are malformed"));
            // The router accepts other spellings of a path, Funqy does not.
            case 404 ->
                invalid(Problem.of(
                        404, "Not Found", "There is nothing at this path; POST alert events to exactly /hipchat or /"));
            case 417 ->
                invalid(Problem.of(417, "Expectation Failed", "The only supported expectation is 100-continue"));
            case 413 -> invalid(Admission.tooLarge());
            default -> {
                LOG.error("A request failed because of a bug", request.failure());
                yield Problem.bug();
            }
        };
    }

    /** Logs a request that did not reach the function, which logs all others. */
    private Problem invalid(Problem problem) {
        eventLog.invalid(problem.detail());
        return problem;
    }
}
