package io.hipchatalerts.state;

import io.hipchatalerts.outcome.Reason;
import java.time.Instant;

/** The protocol's decision about an event. It takes effect only when its next state is stored. */
public sealed interface Decision {

    /** Store the state with our lease in it, then send. */
    record Send(AlertState next) implements Decision {}

    /** Store the state, and send nothing. */
    record Suppress(Reason reason, AlertState next) implements Decision {}

    /** Store the state with the event in it as pending, and send it later. */
    record Keep(AlertState next) implements Decision {}

    /** Decide again later: a delivery is under way or in doubt, at the latest until {@code until}. */
    record Wait(Instant until) implements Decision {}
}
