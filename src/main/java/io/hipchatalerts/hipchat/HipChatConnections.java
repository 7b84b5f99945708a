package io.hipchatalerts.hipchat;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.SmallRyeConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.rest.client.RestClientBuilder;
import org.eclipse.microprofile.rest.client.spi.RestClientListener;
import org.jboss.resteasy.reactive.client.api.QuarkusRestClientProperties;
import org.jboss.resteasy.reactive.client.impl.VertxRequestCustomizingClientBuilder;

/**
 * Limits the time of every connection to HipChat. A cancelled request leaves no connection behind, and a body that
 * stalls, trickles or never ends occupies none (contract §5, promise 5, and §6).
 */
@RegisterForReflection
public final class HipChatConnections implements RestClientListener {

    /** The time for an answer's body after its head. HipChat sends an error's text together with the head. */
    static final Duration BODY_TIME = Duration.ofMillis(500);

    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(2);

    @Override
    public void onNewClient(Class<?> api, RestClientBuilder builder) {
        // This is the only interface of Quarkus that leads from a configured client to Vert.x's public options.
        if (api == HipChatApi.class && builder instanceof VertxRequestCustomizingClientBuilder<?> connections) {
            Duration timeout = ConfigProvider.getConfig()
                    .unwrap(SmallRyeConfig.class)
                    .getConfigMapping(HipChatConfig.class)
                    .requestTimeout();
            long connect =
                    shorter(timeout.dividedBy(2).plusMillis(1), LONGEST_CONNECT).toMillis();
            builder.connectTimeout(connect, TimeUnit.MILLISECONDS);
            // The caller cancels first. This ends a call that was cancelled before it had a connection.
            builder.readTimeout(timeout.plus(BODY_TIME).toMillis(), TimeUnit.MILLISECONDS);
            // A connection for each message: bytes after an answer, such as a body of a 204, would be read as the next
            // answer, and an accepted message would be sent again. Not one of the options below: the client sets
            // its own keep-alive after them.
            builder.property(QuarkusRestClientProperties.KEEP_ALIVE_ENABLED, false);
            connections.httpClientOptionsCustomizer(options -> bound(options, connect));
            connections.httpClientRequestCustomizer(HipChatConnections::bound);
        }
    }

    private static void bound(HttpClientOptions options, long connectMilliseconds) {
        // In seconds. Closes a connection whose call was given up while it connected.
        options.setKeepAliveTimeout(1)
                .setSslHandshakeTimeout(connectMilliseconds)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                // Closing drops unsent bytes, so that the kernel does not send them later.
                .setSoLinger(0)
                // A queued call gets its connection only after its timeout.
                .setMaxWaitQueueSize(0);
    }

    private static void bound(HttpClientRequest request) {
        request.response().onSuccess(response -> {
            HttpConnection connection = request.connection();
            Vertx vertx = Vertx.currentContext().owner();
            long timer = vertx.setTimer(BODY_TIME.toMillis(), late -> connection.close());
            response.end().onComplete(ended -> vertx.cancelTimer(timer));
        });
    }
}
