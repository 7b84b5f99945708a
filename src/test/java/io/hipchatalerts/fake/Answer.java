package io.hipchatalerts.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A complete HTTP answer, and the ways in which it can break off.
 *
 * @param accepts whether HipChat accepts the message
 * @param status the status
 * @param headers the header fields, as they stand in the answer
 * @param body the body; it is sent even with a 204, although HTTP forbids that
 */
public record Answer(boolean accepts, int status, List<String> headers, String body) implements Reaction {

    private static final String ENDLESS = "Content-Length: " + (1L << 40) + "\r\n";

    static Answer of(boolean accepts, int status) {
        return new Answer(accepts, status, List.of(), "");
    }

    /** Adds a header field. */
    public Answer header(String name, Object value) {
        List<String> more = new ArrayList<>(headers);
        more.add(name + ": " + value);
        return new Answer(accepts, status, Collections.unmodifiableList(more), body);
    }

    /** Sets the body. */
    public Answer body(String text) {
        return new Answer(accepts, status, headers, text);
    }

    /** Adds {@code Retry-After}, in seconds. */
    public Answer retryAfter(Duration wait) {
        return header("Retry-After", wait.toSeconds());
    }

    /** Adds the three headers of the limit for a room. */
    public Answer floodControl(int limit, int remaining, Instant reset) {
        return header("X-FloodControl-Limit", limit)
                .header("X-FloodControl-Remaining", remaining)
                .header("X-FloodControl-Reset", reset.getEpochSecond());
    }

    @Override
    public void to(Exchange exchange) throws IOException {
        accept(exchange);
        boolean closesThen = headers.contains("Connection: close")
                || exchange.request().header("Connection").orElse("").equalsIgnoreCase("close");
        exchange.answer(completeHead(exchange) + body, closesThen);
    }

    /** Sends half of the head and no more. The client has to close the connection. */
    public Reaction stallsInHead() {
        return exchange -> {
            sendHalfOfHead(exchange);
            exchange.stall();
        };
    }

    /** Sends the body and promises more of it. The client has to close the connection. */
    public Reaction stallsInBody() {
        return exchange -> {
            sendBodyWithoutItsEnd(exchange);
            exchange.stall();
        };
    }

    /** Sends a byte of a body that never ends after each pause. The client has to close the connection. */
    public Reaction trickles(Duration pause) {
        return exchange -> {
            sendBodyWithoutItsEnd(exchange);
            exchange.stall();
            exchange.writeEach(pause, "x");
        };
    }

    /** Sends a body that never ends, as fast as the client takes it. The client has to close the connection. */
    public Reaction neverEnds() {
        return exchange -> {
            sendBodyWithoutItsEnd(exchange);
            exchange.stall();
            exchange.writeEndlessly("x".repeat(8_192));
        };
    }

    /** Sends half of the head and closes the connection. */
    public Reaction breaksOffInHead() {
        return exchange -> {
            sendHalfOfHead(exchange);
            exchange.close();
        };
    }

    /** Sends the body, promises more of it, and closes the connection. */
    public Reaction breaksOffInBody() {
        return exchange -> {
            sendBodyWithoutItsEnd(exchange);
            exchange.close();
        };
    }

    /** Promises a body in chunks, sends something else, and closes the connection. */
    public Reaction hasGarbageForBody() {
        return exchange -> {
            accept(exchange);
            exchange.write(head(exchange, "Transfer-Encoding: chunked\r\n") + "lorem ipsum\r\n");
            exchange.close();
        };
    }

    private void accept(Exchange exchange) {
        if (accepts && !exchange.request().isAuthTest()) {
            exchange.accept();
        }
    }

    private void sendHalfOfHead(Exchange exchange) throws IOException {
        accept(exchange);
        String head = completeHead(exchange);
        exchange.write(head.substring(0, head.length() / 2));
    }

    private void sendBodyWithoutItsEnd(Exchange exchange) throws IOException {
        accept(exchange);
        exchange.write(head(exchange, ENDLESS) + body);
    }

    private String completeHead(Exchange exchange) {
        int length = body.getBytes(UTF_8).length;
        boolean isEmpty = length == 0 && answered(exchange) == 204;
        return head(exchange, isEmpty ? "" : "Content-Length: " + length + "\r\n");
    }

    private String head(Exchange exchange, String framing) {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + answered(exchange) + " Status\r\n");
        headers.forEach(header -> head.append(header).append("\r\n"));
        return head.append(framing).append("\r\n").toString();
    }

    /** As HipChat does, answers 202 to a request that only tries the token. */
    private int answered(Exchange exchange) {
        return accepts && exchange.request().isAuthTest() ? 202 : status;
    }
}
