package io.hipchatalerts.state;

/**
 * A record as a store holds it.
 *
 * @param record what is remembered
 * @param version drawn anew for each write, so that no two writes of an alert are taken for each other, even after the
 *     alert was forgotten in between
 */
public record Entry(AlertRecord record, long version) {}
