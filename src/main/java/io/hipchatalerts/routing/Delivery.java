package io.hipchatalerts.routing;

import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import java.util.Optional;

/**
 * One event for one room.
 *
 * @param topic Kapacitor's topic, if known
 * @param handler the topic handler that names the room; empty if the request or the configuration does
 * @param room the room, by name or number
 * @param token the token for that room
 * @param canBeKept whether the event may be stored and sent later; an event with a token of its own may not
 * @param stateChangesOnly whether to send only changes, and the reminder's interval
 */
public record Delivery(
        Optional<String> topic,
        Optional<String> handler,
        String room,
        Token token,
        boolean canBeKept,
        StateChangesOnly stateChangesOnly) {}
