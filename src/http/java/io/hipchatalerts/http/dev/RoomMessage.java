package io.hipchatalerts.http.dev;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** A message in a room. */
record RoomMessage(String id, String room, Instant date, String color, PostedNotification notification) {

    JsonObject toJson() {
        return new JsonObject()
                .put("id", id)
                .put("room", room)
                .put("date", date.toString())
                .put("color", color)
                .put("from", notification.from())
                .put("message", notification.message())
                .put("message_format", notification.messageFormat())
                .put("notify", notification.notifies());
    }
}
