package io.hipchatalerts.http.dev;

import io.quarkus.arc.profile.IfBuildProfile;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Locale;

/** Answers the call "send room notification" as HipChat's API v2 did. */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
class HipChatStandIn {

    static final String WRONG_TOKEN = "wrong-token";
    static final String NO_SUCH_ROOM = "no-such-room";

    /** Puts these routes before the function's, which may match every path. */
    static final int ORDER = -20_000;

    private static final String NOTIFICATION = "/dev/hipchat/v2/room/:room/notification";
    private static final String BEARER = "bearer ";

    private final Rooms rooms;

    @Inject
    HipChatStandIn(Rooms rooms) {
        this.rooms = rooms;
    }

    void routes(@Observes Router router) {
        router.post(NOTIFICATION)
                .order(ORDER)
                // Does nothing if the body has been read.
                .handler(BodyHandler.create(false))
                .handler(this::sendRoomNotification);
        router.route("/dev/hipchat/*").order(ORDER + 1).handler(this::refuseMethod);
    }

    private void sendRoomNotification(RoutingContext context) {
        // This is one decoded segment: an encoded slash is part of the room's name.
        String room = context.pathParam("room");
        try {
            checkToken(context);
            checkRoom(room);
            int status = 202;
            if (!"true".equals(context.request().getParam("auth_test"))) {
                rooms.post(room, PostedNotification.read(context.body().asString()));
                status = 204;
            }
            answer(context, room, status).end();
        } catch (RefusedException refused) {
            refuse(answer(context, room, refused.code()), refused);
        }
    }

    private void refuseMethod(RoutingContext context) {
        RefusedException refused = RefusedException.methodNotAllowed();
        refuse(context.response().setStatusCode(refused.code()).putHeader(HttpHeaders.ALLOW, "POST"), refused);
    }

    private static void checkToken(RoutingContext context) {
        String authorization = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        String token =
                authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)
                        ? authorization.substring(BEARER.length()).strip()
                        : context.request().getParam("auth_token");
        if (token == null || token.isEmpty() || token.equals(WRONG_TOKEN)) {
            throw RefusedException.unauthorized();
        }
    }

    private static void checkRoom(String room) {
        if (room.equals(NO_SUCH_ROOM)) {
            throw RefusedException.roomNotFound(room);
        }
    }

    private HttpServerResponse answer(RoutingContext context, String room, int status) {
        FloodControl floodControl = rooms.floodControl(room);
        return context.response()
                .setStatusCode(status)
                .putHeader("X-FloodControl-Limit", Integer.toString(FloodControl.LIMIT))
                .putHeader("X-FloodControl-Remaining", Integer.toString(floodControl.remaining()))
                .putHeader(
                        "X-FloodControl-Reset",
                        Long.toString(floodControl.reset().getEpochSecond()));
    }

    private static void refuse(HttpServerResponse response, RefusedException refused) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(refused.body().encode());
    }
}
