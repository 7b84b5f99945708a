package io.hipchatalerts.state;

import io.hipchatalerts.outcome.Reason;
import java.time.Instant;

/** What the protocol says about an event; what it says is to be written counts only once it is written. */
public sealed interface Decision {

    /** Tell it, after the record with our hold on it is written. */
    record Send(AlertRecord claimed) implements Decision {}

    /** Tell nobody, after the record with the newest time moved on is written. */
    record Suppress(Reason reason, AlertRecord next) implements Decision {}

    /** Look again after the delivery under way, which lasts until {@code end} at most. */
    record Wait(Instant end) implements Decision {}
}
