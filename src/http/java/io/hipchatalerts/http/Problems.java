package io.hipchatalerts.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.EventLog;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.web.Admission;
import io.hipchatalerts.web.ProblemException;
import io.hipchatalerts.web.ProblemHeaders;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Answers every failed request with {@code application/problem+json} and without internal details. */
@ApplicationScoped
class Problems {

    private static final Logger LOG = Logger.getLogger(Problems.class);

    private final ObjectMapper json;
    private final EventLog eventLog;
    private final String largestBody;

    Problems(ObjectMapper json, EventLog eventLog) {
        this.json = json;
        this.eventLog = eventLog;
        this.largestBody = ConfigProvider.getConfig().getValue("quarkus.http.limits.max-body-size", String.class);
    }

    /** Returns the answer to a request at a path where nothing is. */
    static Problem notFound(String path) {
        return Problem.of(
                404,
                "Not Found",
                "There is nothing at " + BadAlert.quote(path)
                        + "; POST alert events to exactly /hipchat or /. Health is at"
                        + " /q/health, metrics are at /q/metrics");
    }

    void answer(RoutingContext request) {
        HttpServerResponse response = request.response();
        // The caller has closed the connection.
        if (response.ended() || response.closed()) {
            return;
        }
        // A request whose head Vert.x refuses comes from no other handler.
        Connections.closeAfterError(request);
        Optional<Problem> expected = expected(request.failure());
        // Where others have nothing, there is nothing of ours either.
        if (expected.isEmpty() && request.statusCode() != 404 && RequestFilter.isOfOthers(request)) {
            request.next();
            return;
        }
        Problem problem = expected.orElseGet(() -> unexpected(request));
        response.setStatusCode(problem.status());
        ProblemHeaders.of(problem).forEach(response::putHeader);
        try {
            response.end(json.writeValueAsString(problem));
        } catch (JsonProcessingException cannotBe) {
            LOG.error("An error answer could not be written", cannotBe);
            response.end();
        }
    }

    /** Returns the problem that our own code found and logged. */
    private static Optional<Problem> expected(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException found) {
                return Optional.of(found.problem());
            }
            if (cause instanceof BadAlert bad) {
                return Optional.of(Problem.badRequest(bad.getMessage()));
            }
        }
        return Optional.empty();
    }

    private Problem unexpected(RoutingContext request) {
        Throwable failure = request.failure();
        return switch (request.statusCode()) {
            case 400 ->
                invalid(Problem.badRequest(
                        failure instanceof VertxException refusal
                                ? refusal.getMessage()
                                : "The request's address or headers are malformed"));
            case 404 -> invalid(notFound(String.valueOf(request.request().path())));
            case 417 ->
                invalid(Problem.of(417, "Expectation Failed", "The only supported expectation is 100-continue"));
            case 413 ->
                invalid(Admission.tooLarge(
                        "the " + largestBody + " of quarkus.http.limits.max-body-size, which can be raised"));
            default -> {
                if (RequestFilter.isReadingBody(request)) {
                    yield invalid(Problem.badRequest("The body ends early, or its chunks are malformed"));
                }
                LOG.error("A request failed because of a bug", failure);
                if (!RequestFilter.isHandedOver(request)) {
                    eventLog.lost(failure);
                }
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
