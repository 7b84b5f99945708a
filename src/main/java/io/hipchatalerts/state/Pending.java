package io.hipchatalerts.state;

import java.time.Instant;
import java.util.Optional;

/**
 * An event that is not sent yet: its delivery is under way, or waits for its next try.
 *
 * @param id a random number for each stored change; it names the entry in the index of pending changes
 * @param change the change itself
 * @param since the moment at which it was first stored
 * @param due the moment from which any process may send it
 * @param alert the other parts of the event; empty when only the current process can send it, because the request
 *     brought its own token or pending changes are disabled
 */
public record Pending(long id, Change change, Instant since, Instant due, Optional<StoredAlert> alert) {

    /** Returns this event with another due moment. */
    Pending due(Instant moment) {
        return new Pending(id, change, since, moment, alert);
    }
}
