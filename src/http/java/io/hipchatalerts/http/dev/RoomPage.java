package io.hipchatalerts.http.dev;

import io.quarkus.arc.profile.IfBuildProfile;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Shows the stand-in's rooms live in a browser. */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
class RoomPage {

    private static final String PAGE = "/dev/room.html";
    private static final String NONCE = "@nonce@";
    private static final long HEART_BEAT_MILLIS = 15_000;
    private static final int MOST_UNREAD_BYTES = 16 * 1024 * 1024;

    private final Rooms rooms;
    private final Vertx vertx;
    private final Set<HttpServerResponse> streams = ConcurrentHashMap.newKeySet();

    @Inject
    RoomPage(Rooms rooms, Vertx vertx) {
        this.rooms = rooms;
        this.vertx = vertx;
    }

    void routes(@Observes Router router) {
        router.get("/dev/room").order(HipChatStandIn.ORDER).handler(this::showPage);
        router.get("/dev/room/events").order(HipChatStandIn.ORDER).handler(this::streamEvents);
    }

    /** Ends the streams, since a live reload keeps connections open and creates new rooms. */
    @PreDestroy
    void endStreams() {
        streams.forEach(HttpServerResponse::end);
    }

    private void showPage(RoutingContext context) {
        String nonce = UUID.randomUUID().toString();
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("Content-Security-Policy", policy(nonce))
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(page().replace(NONCE, nonce));
    }

    /** Returns a policy that stops scripts which the page's sanitiser misses. */
    private static String policy(String nonce) {
        return "default-src 'none'; script-src 'nonce-%1$s'; style-src 'nonce-%1$s'; img-src http: https: data:;"
                        .formatted(nonce)
                + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    /** Reads the page for each request, so that changes to it are visible at once. */
    private static String page() {
        try (InputStream page = RoomPage.class.getResourceAsStream(PAGE)) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void streamEvents(RoutingContext context) {
        HttpServerResponse stream = context.response()
                .setChunked(true)
                .setWriteQueueMaxSize(MOST_UNREAD_BYTES)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        Context thread = vertx.getOrCreateContext();
        // Messages are posted on any thread; this stream's own thread keeps them in order.
        Consumer<RoomMessage> listener = message -> thread.runOnContext(now -> push(stream, message));
        long heartBeat = vertx.setPeriodic(HEART_BEAT_MILLIS, timer -> stream.write(": still here\n\n"));
        streams.add(stream);
        context.addEndHandler(ended -> {
            vertx.cancelTimer(heartBeat);
            rooms.leave(listener);
            streams.remove(stream);
        });

        stream.write("retry: 1000\n\n");
        rooms.listen(listener).forEach(message -> stream.write(event(message)));
        stream.write("event: live\ndata: {}\n\n");
    }

    private static void push(HttpServerResponse stream, RoomMessage message) {
        if (stream.writeQueueFull()) {
            // A page that does not read must not fill the memory. It reconnects and gets the kept messages.
            stream.reset();
        } else {
            stream.write(event(message));
        }
    }

    private static String event(RoomMessage message) {
        return "event: message\ndata: " + message.toJson().encode() + "\n\n";
    }
}
