package io.hipchatalerts.hipchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.alert.Unicode;
import io.hipchatalerts.config.Address;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.Auth;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.arc.ClientProxy;
import io.quarkus.runtime.Startup;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Turns one request to HipChat into one result. It has no retries, no leases and no deadline except the timeout of each
 * call.
 */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class HipChatClient {

    /** HipChat's error objects have a few hundred bytes; other servers may send any amount. */
    private static final int MAX_BODY_BYTES = 256 * 1024;

    private static final int MAX_DETAIL = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Failures that happen before the first byte of the request is sent. */
    private static final List<Class<? extends Throwable>> BEFORE_THE_REQUEST = List.of(
            ConnectException.class,
            NoRouteToHostException.class,
            UnknownHostException.class,
            UnresolvedAddressException.class,
            SSLHandshakeException.class,
            ConnectionPoolTooBusyException.class);

    private final HipChatApi api;
    private final Executor eventLoop;
    private final HipChatConfig config;
    private final InstantSource clock;
    private final RoomThrottle throttle;
    private final Optional<Login> login;
    private final Map<Class<? extends SendResult>, Timer> timers;

    @Inject
    HipChatClient(
            @RestClient HipChatApi api,
            Vertx vertx,
            CallersTrace trace,
            HipChatConfig config,
            InstantSource clock,
            RoomThrottle throttle,
            MeterRegistry metrics) {
        this(
                config.enabled() ? madeNow(api) : api,
                onOneEventLoop(vertx.getOrCreateContext(), trace),
                config,
                clock,
                throttle,
                metrics);
    }

    HipChatClient(
            HipChatApi api,
            Executor eventLoop,
            HipChatConfig config,
            InstantSource clock,
            RoomThrottle throttle,
            MeterRegistry metrics) {
        this.api = api;
        this.eventLoop = eventLoop;
        this.config = config;
        this.clock = clock;
        this.throttle = throttle;
        this.login = config.url().flatMap(Address::userInfo).map(Login::ofEncoded);
        // All series exist from the start, so that a dashboard can distinguish "none yet" from "not measured".
        this.timers = Map.of(
                SendResult.Accepted.class, timer(metrics, "accepted"),
                SendResult.Rejected.class, timer(metrics, "rejected"),
                SendResult.NotSent.class, timer(metrics, "not-sent"),
                SendResult.InDoubt.class, timer(metrics, "in-doubt"));
    }

    /**
     * Makes the REST client now. One that the first event makes belongs to the HTTP server, and closes with it when the
     * process stops: before the background has sent what it began.
     */
    private static HipChatApi madeNow(HipChatApi api) {
        return ClientProxy.unwrap(api);
    }

    /**
     * Runs each request on one event loop. Otherwise an answer whose body breaks off right after its head counts as no
     * answer: the client reports the end of a connection at once, but a head only on the event loop of its request.
     */
    private static Executor onOneEventLoop(Context eventLoop, CallersTrace trace) {
        return task -> {
            Runnable traced = trace.carriedInto(task);
            // With data of its own: concurrent requests on one context would share one trace.
            VertxContext.createNewDuplicatedContext(eventLoop).runOnContext(now -> traced.run());
        };
    }

    /**
     * Sends {@code notification} to {@code room}.
     *
     * @param token the token that authorizes the request
     * @param timeout the time to wait for HipChat's answer; the request is cancelled after it
     * @return the result, also when no answer came; it contains no token
     */
    public SendResult send(String room, Token token, Notification notification, Duration timeout) {
        Timer.Sample sample = Timer.start();
        SendResult result = request(room, token, null, notification, timeout);
        sample.stop(timers.get(result.getClass()));
        return result;
    }

    /**
     * Checks {@code token} and {@code room} with one request that shows no message in the room.
     *
     * @return the result; the detail of an accepted check is only the status
     */
    public SendResult check(String room, Token token) {
        return request(room, token, true, Notification.ofCheck(config), config.requestTimeout());
    }

    private SendResult request(
            String room, Token token, Boolean authTest, Notification notification, Duration timeout) {
        boolean inHeader = config.auth() == Auth.HEADER;
        try (RestResponse<InputStream> response = api.send(
                        PathSegment.encode(room),
                        inHeader
                                ? "Bearer " + token.value()
                                : login.map(Login::header).orElse(null),
                        inHeader ? null : token.value(),
                        authTest,
                        notification)
                .runSubscriptionOn(eventLoop)
                .await()
                .atMost(timeout)) {
            return result(response, room, token);
        } catch (RuntimeException noAnswer) {
            String detail = cut(redacted(withoutAnswer(noAnswer), token));
            return isBeforeTheRequest(noAnswer)
                    ? new SendResult.NotSent(detail, Optional.empty(), false)
                    : new SendResult.InDoubt(detail, Optional.empty(), acceptableUntil());
        }
    }

    /** Returns the meaning of an answer. Only the status decides; K §1.4 and §7.4 list HipChat's statuses. */
    private SendResult result(RestResponse<InputStream> response, String room, Token token) {
        int status = response.getStatus();
        Instant now = clock.instant();
        Function<String, List<String>> headers = name -> values(response, name);
        RateLimitHeaders.usedUpUntil(headers, now).ifPresent(moment -> throttle.close(room, token, moment));
        if (status >= 200 && status <= 204) {
            return new SendResult.Accepted(String.valueOf(status));
        }
        if (status == 408 || status == 429) {
            return new SendResult.NotSent(
                    String.valueOf(status), RateLimitHeaders.retryAt(headers, now), status == 429);
        }
        if (status >= 500 || status < 200) {
            return new SendResult.InDoubt(
                    String.valueOf(status), RateLimitHeaders.retryAt(headers, now), acceptableUntil());
        }
        String text = cut(redacted(Unicode.mended(errorText(body(response))), token));
        return new SendResult.Rejected(status, (status + " " + text).trim());
    }

    private Instant acceptableUntil() {
        return clock.instant().plus(config.requestTimeout());
    }

    private static List<String> values(RestResponse<InputStream> response, String header) {
        return response.getStringHeaders().entrySet().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(header))
                .flatMap(entry -> entry.getValue().stream())
                .toList();
    }

    /** Returns the part of the body that arrives before {@link HipChatConnections} closes the connection. */
    private static String body(RestResponse<InputStream> response) {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        byte[] buffer = new byte[8 * 1024];
        try (InputStream body = response.readEntity(InputStream.class)) {
            int read = body.read(buffer);
            while (read >= 0 && received.size() < MAX_BODY_BYTES) {
                received.write(buffer, 0, read);
                read = body.read(buffer);
            }
        } catch (IOException | RuntimeException cutOff) {
            // The status is clear; the text ends where the body ended.
        }
        return received.toString(StandardCharsets.UTF_8);
    }

    /**
     * Returns the text of HipChat's error object, {@code {"error": {"message": …}}}, or of the older
     * {@code {"error": "…"}} (K §1.4, §7.4). Returns any other body unchanged.
     */
    private static String errorText(String body) {
        try {
            JsonNode error = JSON.readTree(body).path("error");
            JsonNode text = error.isObject() ? error.path("message") : error;
            return text.isTextual() ? text.textValue() : body.strip();
        } catch (JsonProcessingException notHipChat) {
            return body.strip();
        }
    }

    private static String withoutAnswer(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return "no answer, " + root.getClass().getSimpleName()
                + (root.getMessage() == null ? "" : ": " + root.getMessage());
    }

    private static boolean isBeforeTheRequest(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> BEFORE_THE_REQUEST.stream().anyMatch(type -> type.isInstance(cause)));
    }

    private String redacted(String text, Token token) {
        String redacted = token.redactedFrom(text);
        return login.map(secret -> secret.redactedFrom(redacted)).orElse(redacted);
    }

    private static String cut(String text) {
        return text.codePointCount(0, text.length()) <= MAX_DETAIL
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_DETAIL));
    }

    private static Timer timer(MeterRegistry metrics, String result) {
        return Timer.builder("hipchat.notify")
                .description("Requests to HipChat, by result")
                .tag("result", result)
                .register(metrics);
    }
}
