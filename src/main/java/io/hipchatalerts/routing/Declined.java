package io.hipchatalerts.routing;

import java.util.Optional;

/**
 * A topic handler whose {@code match} does not accept the event.
 *
 * @param handler the handler's id
 * @param room the handler's room, if it has one
 * @param failure why the match could not be evaluated; empty if it could
 */
public record Declined(String handler, Optional<String> room, String failure) {}
