package io.hipchatalerts.state;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.routing.Delivery;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * The key of an alert's state: topic, handler, alert id and room (contract §5).
 *
 * @param topic Kapacitor's topic; empty when the event has none
 * @param handler the topic handler that asked for the delivery; empty when there is none
 * @param id the alert's id
 * @param room the room
 */
public record AlertKey(String topic, String handler, String id, String room) {

    /** The longest key in characters. Longer keys become a digest; stores accept keys of 1 KiB and more. */
    private static final int LONGEST = 512;

    /** Returns the key of {@code event} for the room of {@code delivery}. */
    public static AlertKey of(AlertEvent event, Delivery delivery) {
        return new AlertKey(delivery.topic().orElse(""), delivery.handler().orElse(""), event.id(), delivery.room());
    }

    /**
     * Returns the key as text: {@code prefix:topic:handler:id:room}. Each part is percent-encoded, so that the only
     * colons are those between the parts, and an operator can read the key. A long key ends in a SHA-256 digest after a
     * {@code #}, a character that no encoded part contains.
     */
    public String under(String prefix) {
        String parts = Stream.of(topic, handler, id, room)
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8))
                .collect(joining(":"));
        return prefix + ":" + (parts.length() <= LONGEST ? parts : "#" + sha256(parts));
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
