package io.hipchatalerts.hipchat;

import java.time.Instant;
import java.util.Optional;

/** The result of one request to HipChat. */
public sealed interface SendResult {

    /** Returns HipChat's status and text, or the reason why there is no answer; contains no token. */
    String detail();

    /** Returns the moment before which no further try makes sense, if HipChat named one. */
    default Optional<Instant> retryAt() {
        return Optional.empty();
    }

    /** HipChat has the message. */
    record Accepted(String detail) implements SendResult {}

    /**
     * HipChat accepts the message neither now nor later.
     *
     * @param status HipChat's status
     */
    record Rejected(int status, String detail) implements SendResult {

        /** Returns whether HipChat refuses the room or the token, and not this message: 401, 403 and 404. */
        public boolean isOfRoom() {
            return status == 401 || status == 403 || status == 404;
        }
    }

    /**
     * HipChat certainly does not have the message, but may accept it later.
     *
     * @param isRateLimited whether the answer was 429
     */
    record NotSent(String detail, Optional<Instant> retryAt, boolean isRateLimited) implements SendResult {}

    /**
     * HipChat may have the message, or may still accept it: it gave no answer, or a server error.
     *
     * @param until the moment after which HipChat no longer accepts the request
     */
    record InDoubt(String detail, Optional<Instant> retryAt, Instant until) implements SendResult {}
}
