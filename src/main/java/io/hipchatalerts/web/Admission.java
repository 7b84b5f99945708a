package io.hipchatalerts.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.routing.Origin;
import java.time.Instant;
import java.util.Optional;

/**
 * The content of a request that was let in.
 *
 * @param body the whole body
 * @param alert Kapacitor's alert event: the body itself, or the data of a CloudEvent in structured mode
 * @param origin how the event arrived
 */
public record Admission(JsonNode body, JsonNode alert, Origin origin) {

    private static final char REPLACEMENT = '\uFFFD';

    /**
     * Checks that the caller presents the inbound token.
     *
     * @param inboundToken the token that callers must present, if there is one
     * @throws ProblemException if the request is rejected with 401
     */
    public static void authorize(WebRequest request, Optional<Token> inboundToken) {
        if (inboundToken
                .filter(token -> !InboundToken.isPresentedBy(request.header("Authorization"), token))
                .isPresent()) {
            throw refusal(
                    401,
                    "Unauthorized",
                    "Present hipchat.inbound-token as Authorization: Bearer, or as the"
                            + " password of Authorization: Basic");
        }
    }

    /**
     * Checks a request's head before its body is read.
     *
     * @throws ProblemException if the request is rejected with 405 or 415
     */
    public static void check(WebRequest request) {
        if (!request.method().equals("POST")) {
            throw refusal(405, "Method Not Allowed", "POST an alert event here");
        }
        String mediaType = MediaType.of(request);
        if (!MediaType.isJson(mediaType) && !mediaType.equals(MediaType.CLOUD_EVENT)) {
            throw refusal(
                    415,
                    "Unsupported Media Type",
                    "Send Content-Type: application/json, that of a single CloudEvent ("
                            + MediaType.CLOUD_EVENT + "), or none, not "
                            + BadAlert.quote(mediaType)
                            + (mediaType.equals(MediaType.CLOUD_EVENTS)
                                    ? "; send the events of a batch one by one"
                                    : ""));
        }
    }

    /**
     * Reads the body of a request whose head was checked.
     *
     * @param arrived when the request arrived
     * @throws BadAlert if the body is neither JSON nor a CloudEvent with JSON data
     */
    public static Admission of(WebRequest request, byte[] body, Instant arrived) {
        if (MediaType.of(request).equals(MediaType.CLOUD_EVENT)) {
            JsonNode event = JsonText.read(body, "The CloudEvent");
            Optional<String> topic = CloudEvents.checkStructured(event);
            return new Admission(event, CloudEvents.data(event), origin(request, false, topic, arrived));
        }
        boolean binary = CloudEvents.isBinary(request);
        JsonNode alert = JsonText.read(body, "The body");
        CloudEvents.refuseStructured(
                alert, "send it with Content-Type: " + MediaType.CLOUD_EVENT + ", and those of a batch one by one");
        Optional<String> topic = binary ? CloudEvents.checkBinary(request) : Optional.empty();
        return new Admission(alert, alert, origin(request, !binary, topic, arrived));
    }

    /**
     * Returns the answer to a body that is too large.
     *
     * @param limit the largest size, and the setting that raises it, if there is one
     */
    public static Problem tooLarge(String limit) {
        return Problem.of(
                413,
                "Content Too Large",
                "The body is over " + limit + "; send less of Kapacitor's details and data, which are not needed");
    }

    /** Returns the answer to a body that is not complete in time. */
    public static Problem tooSlow() {
        return Problem.of(408, "Request Timeout", "The body was not complete within hipchat.deadline");
    }

    private static Origin origin(
            WebRequest request, boolean pointToPoint, Optional<String> extension, Instant arrived) {
        Optional<String> room = parameter(request, "room");
        Optional<Token> token = nonEmpty(request.header("X-HipChat-Token")).map(Token::new);
        Optional<String> stateChangesOnly = parameter(request, "stateChangesOnly");
        return new Origin(
                pointToPoint,
                extension.or(() -> parameter(request, "topic")),
                () -> new RequestOptions(room, token, stateChangesOnly.map(StateChangesOnly::parse)),
                arrived);
    }

    /** Returns a query parameter that is not empty. Its decoder replaces what is not UTF-8, which would name another room. */
    private static Optional<String> parameter(WebRequest request, String name) {
        Optional<String> value = nonEmpty(request.query(name));
        if (value.filter(text -> text.indexOf(REPLACEMENT) >= 0).isPresent()) {
            throw new BadAlert("The percent-encoding in the query parameter " + BadAlert.quote(name)
                    + " is not UTF-8; in a Kapacitor template, use urlquery");
        }
        return value;
    }

    private static Optional<String> nonEmpty(Optional<String> value) {
        return value.filter(text -> !text.isEmpty());
    }

    private static ProblemException refusal(int status, String title, String detail) {
        return new ProblemException(Problem.of(status, title, detail));
    }
}
