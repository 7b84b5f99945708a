package io.hipchatalerts.state.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.InDoubt;
import io.hipchatalerts.state.LastSent;
import io.hipchatalerts.state.Lease;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.StoredAlert;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/**
 * A record as one line of text, {@code v2 VERSION JSON}, for stores that keep text. An operator can read it. The code
 * writes it field by field: equal records have equal texts, and a native executable needs no reflection for it.
 */
final class RecordFormat {

    private static final String FORMAT = "v2";
    private static final ObjectMapper JSON = new ObjectMapper();

    private RecordFormat() {}

    /** Returns {@code versioned} as text. It begins with its {@link #prefix}. */
    static String write(Versioned versioned) {
        AlertState state = versioned.state();
        ObjectNode json = JSON.createObjectNode();
        json.put("lastSent", state.lastSent().name());
        state.lastSentAt().ifPresent(time -> json.put("lastSentAt", time.toString()));
        json.put("newest", state.newest().toString());
        state.lease().ifPresent(lease -> {
            ObjectNode node = json.putObject("lease")
                    .put("owner", lease.owner())
                    .put("until", lease.until().toString())
                    .put("before", lease.before().name());
            if (lease.disputed()) {
                node.put("disputed", true);
            }
        });
        state.inDoubt().ifPresent(doubt -> {
            ObjectNode node = json.putObject("inDoubt");
            doubt.level().ifPresent(level -> node.put("level", level.name()));
            node.put("until", doubt.until().toString());
        });
        state.pending().ifPresent(pending -> write(pending, json.putObject("pending")));
        return prefix(versioned) + json;
    }

    private static void write(Pending pending, ObjectNode json) {
        Change change = pending.change();
        json.put("id", pending.id());
        json.put("level", change.level().name());
        change.previousLevel().ifPresent(level -> json.put("previousLevel", level.name()));
        json.put("time", change.time().toString());
        change.interval().ifPresent(interval -> json.put("interval", interval.toString()));
        json.put("since", pending.since().toString());
        json.put("due", pending.due().toString());
        pending.alert().ifPresent(alert -> {
            ObjectNode node = json.putObject("alert").put("id", alert.id());
            alert.topic().ifPresent(topic -> node.put("topic", topic));
            alert.handler().ifPresent(handler -> node.put("handler", handler));
            node.put("room", alert.room()).put("message", alert.message());
        });
    }

    /** Returns the beginning of the text, which no other write of this alert has. */
    static String prefix(Versioned versioned) {
        return FORMAT + " " + versioned.version() + " ";
    }

    /**
     * Returns the record that {@code text} represents.
     *
     * @param key the key of the record, for the error message
     * @throws StoreUnavailable when {@link #write} does not write exactly this text; if the record counted as absent,
     *     it would be overwritten
     */
    static Versioned read(String key, String text) {
        Versioned versioned;
        try {
            String[] parts = text.split(" ", 3);
            versioned = new Versioned(state(JSON.readTree(parts[2])), Long.parseLong(parts[1]));
        } catch (JsonProcessingException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NullPointerException
                | DateTimeException cause) {
            throw unreadable(key, cause);
        }
        if (!write(versioned).equals(text)) {
            throw unreadable(key, null);
        }
        return versioned;
    }

    /** Returns the exception for an unreadable record. The message does not contain the text, which may be anything. */
    static StoreUnavailable unreadable(String key, Throwable cause) {
        return StoreUnavailable.forOneAlert(new IllegalStateException(
                "The record under " + key + " was not written by this version of hipchat-alerts; update, or delete it",
                cause));
    }

    /** Lenient where writing the result again shows the error. */
    private static AlertState state(JsonNode json) {
        return new AlertState(
                LastSent.valueOf(text(json, "lastSent")),
                optional(json, "lastSentAt", Instant::parse),
                Instant.parse(text(json, "newest")),
                child(
                        json,
                        "lease",
                        lease -> new Lease(
                                lease.path("owner").longValue(),
                                Instant.parse(text(lease, "until")),
                                LastSent.valueOf(text(lease, "before")),
                                lease.path("disputed").booleanValue())),
                child(
                        json,
                        "inDoubt",
                        doubt -> new InDoubt(
                                optional(doubt, "level", Level::valueOf), Instant.parse(text(doubt, "until")))),
                child(json, "pending", RecordFormat::pending));
    }

    private static Pending pending(JsonNode json) {
        return new Pending(
                json.path("id").longValue(),
                new Change(
                        Level.valueOf(text(json, "level")),
                        optional(json, "previousLevel", Level::valueOf),
                        Instant.parse(text(json, "time")),
                        optional(json, "interval", Duration::parse)),
                Instant.parse(text(json, "since")),
                Instant.parse(text(json, "due")),
                child(
                        json,
                        "alert",
                        alert -> new StoredAlert(
                                text(alert, "id"),
                                optional(alert, "topic", Function.identity()),
                                optional(alert, "handler", Function.identity()),
                                text(alert, "room"),
                                text(alert, "message"))));
    }

    private static String text(JsonNode json, String field) {
        return json.get(field).textValue();
    }

    private static <T> Optional<T> optional(JsonNode json, String field, Function<String, T> reader) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::textValue).map(reader);
    }

    private static <T> Optional<T> child(JsonNode json, String field, Function<JsonNode, T> reader) {
        return Optional.ofNullable(json.get(field)).map(reader);
    }
}
