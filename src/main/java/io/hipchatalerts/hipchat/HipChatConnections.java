package io.hipchatalerts.hipchat;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.SmallRyeConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.rest.client.RestClientBuilder;
import org.eclipse.microprofile.rest.client.spi.RestClientListener;
import org.jboss.resteasy.reactive.client.impl.VertxRequestCustomizingClientBuilder;

/**
 * Bounds every connection to HipChat in time. An abandoned request leaves nothing behind, and a body that stalls,
 * trickles or never ends costs no connection (contract §5, promise 5, and §6).
 */
@RegisterForReflection
public final class HipChatConnections implements RestClientListener {

    /** HipChat sends an error's text together with its head. */
    static final Duration BODY_TIME = Duration.ofMillis(500);

    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(2);
    private static final int NO_CONTENT = 204;

    @Override
    public void onNewClient(Class<?> api, RestClientBuilder builder) {
        // The one interface of Quarkus' that leads from a configured client to Vert.x' public options and requests.
        if (api == HipChatApi.class && builder instanceof VertxRequestCustomizingClientBuilder<?> connections) {
            Duration timeout = ConfigProvider.getConfig()
                    .unwrap(SmallRyeConfig.class)
                    .getConfigMapping(HipChatConfig.class)
                    .requestTimeout();
            long connect =
                    shorter(timeout.dividedBy(2).plusMillis(1), LONGEST_CONNECT).toMillis();
            builder.connectTimeout(connect, TimeUnit.MILLISECONDS);
            // The caller gives up first; this ends a call that was given up before it had a connection.
            builder.readTimeout(timeout.plus(BODY_TIME).toMillis(), TimeUnit.MILLISECONDS);
            connections.httpClientOptionsCustomizer(options -> bound(options, connect));
            connections.httpClientRequestCustomizer(HipChatConnections::bound);
        }
    }

    private static void bound(HttpClientOptions options, long connectMilliseconds) {
        options.setSslHandshakeTimeout(connectMilliseconds)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                // Closing drops the bytes that are still to be sent, so that the kernel does not go on with them.
                .setSoLinger(0)
                // A call that had to queue would be sent after its caller has given it up.
                .setMaxWaitQueueSize(0);
    }

    private static void bound(HttpClientRequest request) {
        request.response().onSuccess(response -> {
            HttpConnection connection = request.connection();
            if (hasUnexpectedBody(response)) {
                // Its bytes would pass for the next answer on this connection.
                connection.close();
                return;
            }
            Vertx vertx = Vertx.currentContext().owner();
            long timer = vertx.setTimer(BODY_TIME.toMillis(), late -> connection.close());
            response.end().onComplete(ended -> vertx.cancelTimer(timer));
        });
    }

    /** HTTP allows no body with this status, so the client reads none (RFC 9110 §15.3.5). */
    private static boolean hasUnexpectedBody(HttpClientResponse response) {
        String length = response.getHeader(HttpHeaders.CONTENT_LENGTH);
        return response.statusCode() == NO_CONTENT
                && (response.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
                        || (length != null && !length.trim().equals("0")));
    }
}
