package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.web.WebRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A request to a Function URL or an HTTP API, payload format 2.0. Its path is ignored, since the address or the route
 * belongs to this function alone.
 *
 * @param event the invocation's input
 */
record HttpCall(JsonNode event) implements Envelope, WebRequest {

    @Override
    public String method() {
        return event.at("/requestContext/http/method").asText();
    }

    /** Ignores case: Lambda's header names are in lower case, but those of handwritten events may not be. */
    @Override
    public Optional<String> header(String name) {
        return event.path("headers").properties().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .findFirst()
                .flatMap(header -> text(header.getValue()));
    }

    /**
     * Returns the first value, as over HTTP. AWS joins the values of a repeated parameter by commas in
     * {@code queryStringParameters}, which counts only in handwritten events without a {@code rawQueryString}.
     *
     * @throws BadAlert if the query string is malformed
     */
    @Override
    public Optional<String> query(String name) {
        try {
            List<String> values = new QueryStringDecoder(
                            event.path("rawQueryString").asText(), false)
                    .parameters()
                    .get(name);
            return values == null ? text(event.path("queryStringParameters").path(name)) : Optional.of(values.get(0));
        } catch (IllegalArgumentException malformed) {
            throw new BadAlert(
                    "The query string contains a % without two hexadecimal digits; percent-encode its values");
        }
    }

    /**
     * Returns the body as the caller sent it.
     *
     * @throws BadAlert if it should be Base64 and is not
     */
    byte[] body() {
        String body = event.path("body").asText("");
        if (!event.path("isBase64Encoded").asBoolean()) {
            return body.getBytes(UTF_8);
        }
        try {
            return Base64.getDecoder().decode(body);
        } catch (IllegalArgumentException notBase64) {
            throw new BadAlert("The body is not Base64, though isBase64Encoded says so");
        }
    }

    private static Optional<String> text(JsonNode value) {
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }
}
