package io.hipchatalerts.hipchat;

import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.state.Ending;
import java.time.Duration;

/**
 * How telling a room ended.
 *
 * @param status sent, refused or failed
 * @param ending what is known about the room now
 * @param attempts requests to HipChat, with those made for the same delivery before
 * @param detail what went wrong, when HipChat did not accept; holds no token
 * @param retryAfter how long the caller should leave HipChat alone, when it failed
 * @param inTime whether there is time for another try after that; then HipChat has named a moment, and whoever holds
 *     the alert does better to give it back than to wait with it
 */
public record Telling(Status status, Ending ending, int attempts, String detail, Duration retryAfter, boolean inTime) {}
