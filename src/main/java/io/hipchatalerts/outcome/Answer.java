package io.hipchatalerts.outcome;

/** The answer to an event: to an alert, or to the request to flush. */
public sealed interface Answer permits Outcome, FlushOutcome {}
