package io.hipchatalerts.fake;

import java.io.IOException;
import java.time.Duration;

/**
 * The way in which HipChat treats one request. A reaction does not wait: it leaves delays to the {@link Exchange}, so that
 * the thread of the connection notices at once when the client gives up.
 */
@FunctionalInterface
public interface Reaction {

    void to(Exchange exchange) throws IOException;

    /** Accepts the message with 204. */
    static Answer accepts() {
        return accepts(204);
    }

    /** Accepts the message with this status. */
    static Answer accepts(int status) {
        return Answer.of(true, status);
    }

    /** Answers with this status and does not accept the message. */
    static Answer answers(int status) {
        return Answer.of(false, status);
    }

    /** Refuses the message with HipChat's error object. */
    static Answer refuses(int status, String message) {
        String type =
                switch (status) {
                    case 400 -> "Bad Request";
                    case 401 -> "Unauthorized";
                    case 403 -> "Forbidden";
                    case 404 -> "Not Found";
                    default -> "Error";
                };
        return answers(status)
                .header("Content-Type", "application/json")
                .body("{\"error\":{\"code\":" + status + ",\"type\":\"" + type + "\",\"message\":\"" + message
                        + "\"}}");
    }

    /** Answers 429. {@link Answer} adds the headers that name the moment from which HipChat accepts again. */
    static Answer throttles() {
        return answers(429);
    }

    /** Never answers. The client has to give up, or {@link FakeHipChat#verify()} fails. */
    static Reaction hangs() {
        return Exchange::stall;
    }

    /** Accepts the message and never answers. The client has to give up, or {@link FakeHipChat#verify()} fails. */
    static Reaction acceptsAndHangs() {
        return exchange -> {
            exchange.accept();
            exchange.stall();
        };
    }

    /** Closes the connection instead of answering. */
    static Reaction closes() {
        return Exchange::close;
    }

    /** Resets the connection instead of answering. */
    static Reaction cuts() {
        return Exchange::cut;
    }

    /** Accepts the message and resets the connection instead of answering. */
    static Reaction acceptsAndCuts() {
        return exchange -> {
            exchange.accept();
            exchange.cut();
        };
    }

    /** Answers with bytes that are not HTTP, and closes the connection. */
    static Reaction answersGarbage() {
        return exchange -> {
            exchange.write("\u0016\u0003\u0001 lorem ipsum dolor sit amet\r\n\r\n");
            exchange.close();
        };
    }

    /** Reacts after this time, unless the client has given up by then. */
    default Reaction after(Duration delay) {
        return exchange -> exchange.after(delay, () -> unlessOver(exchange));
    }

    /** Reacts at {@link FakeHipChat#release()}, unless the client has given up by then. */
    default Reaction onceReleased() {
        return exchange -> exchange.onceReleased(() -> unlessOver(exchange));
    }

    /** Reacts, and runs {@code next} afterwards. */
    default Reaction then(Runnable next) {
        return exchange -> {
            to(exchange);
            next.run();
        };
    }

    private void unlessOver(Exchange exchange) throws IOException {
        if (!exchange.isOver()) {
            to(exchange);
        }
    }
}
