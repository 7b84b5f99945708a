package io.hipchatalerts.http.dev;

import io.vertx.core.json.JsonObject;

/** A request that HipChat refuses, with its error object. */
final class RefusedException extends RuntimeException {

    private final transient JsonObject error;

    private RefusedException(int code, String type, String message, JsonObject details) {
        // A refusal is not a bug and needs no stack trace.
        super(message, null, false, false);
        this.error = details.put("code", code).put("type", type).put("message", message);
    }

    static RefusedException unauthorized() {
        return new RefusedException(401, "Unauthorized", "Invalid OAuth session", new JsonObject());
    }

    static RefusedException roomNotFound(String room) {
        return new RefusedException(404, "Not Found", "Room " + room + " not found", new JsonObject());
    }

    static RefusedException methodNotAllowed() {
        return new RefusedException(
                405,
                "Method Not Allowed",
                "Only POST to /v2/room/{id_or_name}/notification is understood here",
                new JsonObject());
    }

    static RefusedException tooManyMessages() {
        return new RefusedException(
                429, "Too Many Requests", "The room has had its messages for this minute", new JsonObject());
    }

    static RefusedException notAnObject() {
        return new RefusedException(400, "Bad Request", "The request body is not a JSON object", new JsonObject());
    }

    static RefusedException invalidField(
            String field, String expectedType, String validation, Object value, String message) {
        JsonObject details = new JsonObject()
                .put("field", field)
                .put("expected_type", expectedType)
                .put("validation", validation)
                .put("value", value);
        return new RefusedException(400, "Bad Request", message, details);
    }

    int code() {
        return error.getInteger("code");
    }

    /** Returns the answer's body. */
    JsonObject body() {
        return new JsonObject().put("error", error);
    }
}
