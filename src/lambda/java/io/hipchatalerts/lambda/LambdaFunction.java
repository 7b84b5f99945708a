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
 * The function. It takes what Lambda hands over as it is, for Funqy's own envelopes answer a failed SNS event as if all
 * were well ({@code docs/decisions/0003}). Whoever waits for no answer (SNS, EventBridge) gets an error instead of one,
 * so that Lambda tries again and at last puts the event where dead letters go.
 */
@ApplicationScoped
// What Quarkus' poll loop reports an error with; a native executable could not write it else.
@RegisterForReflection(targets = FunctionError.class)
public class LambdaFunction {

    private final Alerts alerts;
    private final Batch batch;
    private final HttpCalls httpCalls;
    private final WiringCheck wiring;
    private final EventLog eventLog;
    private final InstantSource clock;
    private final ObjectMapper json;

    LambdaFunction(
            Alerts alerts,
            Batch batch,
            HttpCalls httpCalls,
            WiringCheck wiring,
            EventLog eventLog,
            InstantSource clock,
            ObjectMapper json) {
        this.alerts = alerts;
        this.batch = batch;
        this.httpCalls = httpCalls;
        this.wiring = wiring;
        this.eventLog = eventLog;
        this.clock = clock;
        this.json = json;
    }

    /**
     * Takes one event of Lambda's.
     *
     * @param event an alert, or an envelope with one or more in it
     * @return what the envelope's sender expects
     * @throws ProblemException where a sender is told of a failure by an error
     */
    @Funq("hipchat")
    public JsonNode hipchat(JsonNode event) {
        Instant arrived = clock.instant();
        Envelope envelope = opened(event);
        if (envelope instanceof Envelope.Check) {
            return findings(wiring.run());
        }
        if (envelope instanceof HttpCall call) {
            return httpCalls.answer(call, arrived);
        }
        if (envelope instanceof Envelope.Sqs queue) {
            return batchItemFailures(batch.tell(queue.messages(), arrived));
        }
        if (envelope instanceof Envelope.Sns topic) {
            failIfAny(batch.tell(topic.messages(), arrived));
            return NullNode.getInstance();
        }
        if (envelope instanceof Envelope.EventBridge bus) {
            return json.valueToTree(alerts.tell(bus.alert(), origin(false, arrived)));
        }
        Envelope.Direct direct = (Envelope.Direct) envelope;
        return json.valueToTree(alerts.tell(direct.alert(), origin(true, arrived)));
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

    /** SQS keeps what is named here, and deletes the rest. */
    private JsonNode batchItemFailures(List<Batch.Failure> failures) {
        ObjectNode answer = json.createObjectNode();
        ArrayNode items = answer.putArray("batchItemFailures");
        failures.forEach(failure -> items.addObject().put("itemIdentifier", failure.messageId()));
        return answer;
    }

    private JsonNode findings(List<WiringCheck.Finding> findings) {
        ObjectNode answer = json.createObjectNode();
        answer.put("right", findings.stream().allMatch(WiringCheck.Finding::right));
        ArrayNode lines = answer.putArray("findings");
        findings.forEach(finding -> lines.add(finding.toString()));
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
