package io.hipchatalerts.state.store;

import io.hipchatalerts.state.AlertState;

/**
 * A record as a store keeps it.
 *
 * @param state the record
 * @param version a random number for each write: it distinguishes all writes of an alert, even if the record expired in
 *     between
 */
public record Versioned(AlertState state, long version) {}
