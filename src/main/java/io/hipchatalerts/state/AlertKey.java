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
 * What state is kept by: topic, handler, alert id and room.
 *
 * @param topic Kapacitor's topic; empty when the event has none
 * @param handler the topic handler; empty when none asked for the delivery
 * @param id the alert's id
 * @param room the room
 */
public record AlertKey(String topic, String handler, String id, String room) {

    /** Stores take keys of 1 KiB and more; beyond this a digest stands in for the texts. */
    private static final int LONGEST = 512;

    /** The key of {@code delivery}. */
    public static AlertKey of(AlertEvent event, Delivery delivery) {
        return new AlertKey(delivery.topic().orElse(""), delivery.handler().orElse(""), event.id(), delivery.room());
    }

    /**
     * The key as stores know it: {@code prefix:topic:handler:id:room}, each part percent-encoded, so that the colons
     * between them are the only ones and an operator can read it. Long keys end in a digest, behind a {@code #} that
     * encoding never leaves in a part.
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
