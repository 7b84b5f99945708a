package io.hipchatalerts.routing;

import java.util.Optional;

/**
 * A topic handler whose {@code match} does not take the event.
 *
 * @param handler the handler's id
 * @param room the room that it would have told, if it has one
 * @param failure why the match could not be told; empty when it plainly is not one
 */
public record Declined(String handler, Optional<String> room, String failure) {}
