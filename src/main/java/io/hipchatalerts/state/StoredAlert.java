package io.hipchatalerts.state;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.hipchat.MessageFormat;
import io.hipchatalerts.routing.Delivery;
import java.util.Optional;

/**
 * The part of a pending event that is needed to send and log it. It never contains a token.
 *
 * @param id the alert's id
 * @param topic Kapacitor's topic, if known
 * @param handler the topic handler that asked for the delivery, if any
 * @param room the room
 * @param message the message, at most 10 000 characters
 */
public record StoredAlert(String id, Optional<String> topic, Optional<String> handler, String room, String message) {

    /** Returns the part of {@code event} that is needed to send it to the delivery's room later. */
    public static StoredAlert of(AlertEvent event, Delivery delivery) {
        return new StoredAlert(
                event.id(), delivery.topic(), delivery.handler(), delivery.room(), MessageFormat.cut(event.message()));
    }
}
