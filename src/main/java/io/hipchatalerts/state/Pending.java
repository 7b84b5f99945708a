package io.hipchatalerts.state;

import java.time.Instant;
import java.util.Optional;

/**
 * An event that is not sent yet: its delivery is under way, or waits for its next try.
 *
 * @param id drawn at random for each stored change; names its entry in the index of pending changes
 * @param change the change itself
 * @param since the moment at which it was stored first
 * @param due the moment from which on any process may send it
 * @param alert the rest of the event; empty when only the process that has it can send it, because it brought a token
 *     of its own or pending changes are switched off
 */
public record Pending(long id, Change change, Instant since, Instant due, Optional<StoredAlert> alert) {

    /** Returns this event with another due moment. */
    Pending due(Instant moment) {
        return new Pending(id, change, since, moment, alert);
    }
}
