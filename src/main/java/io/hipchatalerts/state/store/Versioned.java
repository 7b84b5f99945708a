package io.hipchatalerts.state.store;

import io.hipchatalerts.state.AlertState;

/**
 * A record as a store holds it.
 *
 * @param state the record
 * @param version drawn at random for each write, so that no two writes of an alert are taken for each other, even when
 *     the alert was forgotten in between
 */
public record Versioned(AlertState state, long version) {}
