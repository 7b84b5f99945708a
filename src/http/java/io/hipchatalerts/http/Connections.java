package io.hipchatalerts.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * Closes the connection of each error answer over HTTP/1 (contract §7). Kapacitor opens a connection for every event,
 * and with {@code capture-response} leaves it open for 90 s after an error. A connection of HTTP/2 serves other requests
 * too, and stays open.
 */
final class Connections {

    /** The time in which a caller may send the rest of its body. Closing earlier could reset it before it reads the answer. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(2);

    private static final String WATCHED = Connections.class.getName() + ".watched";

    private Connections() {}

    /** Closes the connection after the answer to {@code request} if the answer is an error, from any part of the program. */
    static void closeAfterError(RoutingContext request) {
        if (request.request().version() == HttpVersion.HTTP_2 || request.get(WATCHED) != null) {
            return;
        }
        request.put(WATCHED, true);
        request.addHeadersEndHandler(ready -> {
            if (isError(request)) {
                // Vert.x writes the header, but does not act on it.
                request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
        });
        request.addEndHandler(answered -> {
            if (isError(request)) {
                close(request);
            }
        });
    }

    private static boolean isError(RoutingContext request) {
        return request.response().getStatusCode() >= 400;
    }

    private static void close(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpConnection connection = request.connection();
        if (request.isEnded()) {
            connection.close();
            return;
        }
        long timer = context.vertx().setTimer(LONGEST_REST.toMillis(), late -> connection.close());
        request.exceptionHandler(gone -> context.vertx().cancelTimer(timer));
        request.handler(rest -> {});
        request.endHandler(complete -> {
            context.vertx().cancelTimer(timer);
            connection.close();
        });
        request.resume();
    }
}
