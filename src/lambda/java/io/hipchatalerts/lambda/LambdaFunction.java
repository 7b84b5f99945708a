package io.hipchatalerts.lambda;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.EventLog;
import io.hipchatalerts.WiringCheck;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.routing.Origin;
import io.hipchatalerts.web.ProblemException;
import io.quarkus.amazon.lambda.runtime.FunctionError;
import io.quarkus.funqy.Funq;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The function. It opens envelopes itself, since Funqy would report success for a failed SNS event
 * ({@code src/docs/decisions/0003-the-function-opens-lambdas-envelopes.md}). Asynchronous senders (SNS, EventBridge) get
 * an error, so that Lambda retries and at last uses the dead-letter queue.
 */
@ApplicationScoped
// Quarkus' poll loop reports errors with it, which a native executable could not write otherwise.
@RegisterForReflection(targets = FunctionError.class)
public class LambdaFunction {

    private final AlertSender alertSender;
    private final Batch batch;
    private final HttpCalls httpCalls;
    private final WiringCheck wiring;
    private final EventLog eventLog;
    private final EmbeddedMetrics metrics;
    private final InstantSource clock;
    private final ObjectMapper json;

    LambdaFunction(
            AlertSender alertSender,
            Batch batch,
            HttpCalls httpCalls,
            WiringCheck wiring,
            EventLog eventLog,
            EmbeddedMetrics metrics,
            InstantSource clock,
            ObjectMapper json) {
        this.alertSender = alertSender;
        this.batch = batch;
        this.httpCalls = httpCalls;
        this.wiring = wiring;
        this.eventLog = eventLog;
        this.metrics = metrics;
        this.clock = clock;
        this.json = json;
    }

    /**
     * Handles one invocation. Its counts are written in one line, even if it fails.
     *
     * @param event an alert, or an envelope with one or more alerts
     * @return the answer that the sender expects
     * @throws ProblemException if the sender expects an error for a failure
     */
    @Funq("hipchat")
    // Not through the log, whose formats would put the line's JSON into a text.
    @SuppressWarnings("SystemOut")
    public JsonNode hipchat(JsonNode event) {
        RequestId.begin();
        try {
            return answer(event, clock.instant());
        } finally {
            System.out.println(metrics.line(RequestId.current()));
        }
    }

    private JsonNode answer(JsonNode event, Instant arrived) {
        Envelope envelope = opened(event);
        if (envelope instanceof Envelope.Check) {
            return checked(wiring.run());
        }
        if (envelope instanceof HttpCall call) {
            return httpCalls.answer(call, arrived);
        }
        if (envelope instanceof Envelope.Sqs queue) {
            return batchItemFailures(batch.send(queue.messages(), arrived));
        }
        if (envelope instanceof Envelope.Sns topic) {
            failIfAny(batch.send(topic.messages(), arrived));
            return NullNode.getInstance();
        }
        if (envelope instanceof Envelope.EventBridge bus) {
            return json.valueToTree(alertSender.send(bus.alert(), origin(false, arrived)));
        }
        Envelope.Direct direct = (Envelope.Direct) envelope;
        return json.valueToTree(alertSender.send(direct.alert(), origin(true, arrived)));
    }

    private Envelope opened(JsonNode event) {
        try {
            return Envelope.of(event);
        } catch (BadAlert unknown) {
            eventLog.invalid(unknown.getMessage());
            throw new ProblemException(Problem.badRequest(unknown.getMessage()));
        }
    }

    private static Origin origin(boolean pointToPoint, Instant arrived) {
        return new Origin(pointToPoint, Optional.empty(), () -> RequestOptions.NONE, arrived);
    }

    /** Names the messages that SQS must keep; it deletes the others. */
    private JsonNode batchItemFailures(List<Batch.Failure> failures) {
        ObjectNode answer = json.createObjectNode();
        ArrayNode items = answer.putArray("batchItemFailures");
        failures.forEach(failure -> items.addObject().put("itemIdentifier", failure.messageId()));
        return answer;
    }

    private JsonNode checked(List<WiringCheck.CheckResult> results) {
        ObjectNode answer = json.createObjectNode();
        answer.put("right", results.stream().allMatch(WiringCheck.CheckResult::right));
        ArrayNode lines = answer.putArray("findings");
        results.forEach(result -> lines.add(result.toString()));
        return answer;
    }

    private static void failIfAny(List<Batch.Failure> failures) {
        if (!failures.isEmpty()) {
            String details =
                    failures.stream().map(Batch.Failure::detail).distinct().collect(joining("; "));
            throw new ProblemException(Problem.of(503, "Service Unavailable", details));
        }
    }
}
