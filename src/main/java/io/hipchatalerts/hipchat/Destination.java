package io.hipchatalerts.hipchat;

import io.hipchatalerts.alert.Token;

/**
 * A room, with the token that authorizes requests to it. HipChat has limits for both.
 *
 * @param room the room's name or id
 * @param token the token
 */
public record Destination(String room, Token token) {}
