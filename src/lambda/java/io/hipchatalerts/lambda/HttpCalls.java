package io.hipchatalerts.lambda;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.EventLog;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Answer;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.web.Admission;
import io.hipchatalerts.web.CloudEvents;
import io.hipchatalerts.web.MediaType;
import io.hipchatalerts.web.ProblemException;
import io.hipchatalerts.web.ProblemHeaders;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** Answers HTTP requests as the HTTP build does, in the format of Function URLs and HTTP APIs. */
@ApplicationScoped
class HttpCalls {

    private static final int LARGEST_BODY = 1 << 20;

    private final AlertSender alertSender;
    private final HipChatConfig config;
    private final EventLog eventLog;
    private final ObjectMapper json;

    HttpCalls(AlertSender alertSender, HipChatConfig config, EventLog eventLog, ObjectMapper json) {
        this.alertSender = alertSender;
        this.config = config;
        this.eventLog = eventLog;
        this.json = json;
    }

    JsonNode answer(HttpCall call, Instant arrived) {
        try {
            Admission admission = admitted(call, arrived);
            Answer answer = alertSender.send(admission.alert(), admission.origin());
            // A request that is not point to point is a CloudEvent, and its answer must be one, too.
            return answer(200, admission.origin().pointToPoint() ? json() : event(), answer);
        } catch (ProblemException failure) {
            Problem problem = failure.problem();
            return answer(problem.status(), ProblemHeaders.of(problem), problem);
        }
    }

    private Admission admitted(HttpCall call, Instant arrived) {
        try {
            Admission.authorize(call, config.inboundToken());
            Admission.check(call);
            byte[] body = call.body();
            if (body.length > LARGEST_BODY) {
                throw new ProblemException(Admission.tooLarge("1 MiB"));
            }
            return Admission.of(call, body, arrived);
        } catch (BadAlert bad) {
            eventLog.invalid(bad.getMessage());
            throw new ProblemException(Problem.badRequest(bad.getMessage()));
        } catch (ProblemException refusal) {
            eventLog.invalid(refusal.problem());
            throw refusal;
        }
    }

    private static Map<String, String> json() {
        return Map.of("Content-Type", MediaType.JSON);
    }

    private static Map<String, String> event() {
        return Map.of(
                "Content-Type", MediaType.JSON,
                "ce-specversion", "1.0",
                "ce-id", UUID.randomUUID().toString(),
                "ce-source", CloudEvents.OUTCOME_SOURCE,
                "ce-type", CloudEvents.OUTCOME_TYPE);
    }

    private ObjectNode answer(int status, Map<String, String> headers, Object body) {
        ObjectNode answer = json.createObjectNode().put("statusCode", status);
        headers.forEach(answer.putObject("headers")::put);
        try {
            return answer.put("body", json.writeValueAsString(body)).put("isBase64Encoded", false);
        } catch (JsonProcessingException cannotBe) {
            throw new IllegalStateException("An answer could not be written", cannotBe);
        }
    }
}
