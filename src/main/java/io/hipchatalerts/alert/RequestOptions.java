package io.hipchatalerts.alert;

import java.util.Optional;

/**
 * A request's options for its own delivery; each may be absent.
 *
 * @param room the HipChat room, by name or number
 * @param token the token for that room
 * @param stateChangesOnly overrides the configuration in both directions
 */
public record RequestOptions(
        Optional<String> room, Optional<Token> token, Optional<StateChangesOnly> stateChangesOnly) {

    public static final RequestOptions NONE = new RequestOptions(Optional.empty(), Optional.empty(), Optional.empty());

    /** Returns these options; each absent one is taken from {@code weaker}. */
    public RequestOptions over(RequestOptions weaker) {
        return new RequestOptions(
                room.or(weaker::room), token.or(weaker::token), stateChangesOnly.or(weaker::stateChangesOnly));
    }
}
