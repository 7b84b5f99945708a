package io.hipchatalerts.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.outcome.Answer;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.web.CloudEvents;
import io.hipchatalerts.web.ProblemException;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * The function for plain JSON at {@code /hipchat} and {@code /}, and for CloudEvents of any type. {@link RequestFilter} runs
 * before it.
 */
@ApplicationScoped
public class HttpFunction {

    private final AlertPipeline pipeline;
    private final ConcurrencyLimit concurrencyLimit;
    private final CurrentVertxRequest request;
    private final ObjectMapper json;

    HttpFunction(
            AlertPipeline pipeline, ConcurrencyLimit concurrencyLimit, CurrentVertxRequest request, ObjectMapper json) {
        this.pipeline = pipeline;
        this.concurrencyLimit = concurrencyLimit;
        this.request = request;
        this.json = json;
    }

    /**
     * Handles one alert event, or a flush.
     *
     * @param alert Kapacitor's alert JSON
     * @return the outcome
     * @throws ProblemException if the event was not sent; Funqy has no statuses, so {@link Problems} answers it
     */
    @Funq("hipchat")
    @CloudEventMapping(
            trigger = "*",
            responseSource = CloudEvents.OUTCOME_SOURCE,
            responseType = CloudEvents.OUTCOME_TYPE)
    public JsonNode hipchat(JsonNode alert) {
        Answer answer =
                concurrencyLimit.during(() -> pipeline.handle(alert, RequestFilter.handOver(request.getCurrent())));
        Problem.in(answer).ifPresent(problem -> {
            throw new ProblemException(problem);
        });
        return json.valueToTree(answer);
    }
}
