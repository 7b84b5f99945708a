package io.hipchatalerts.state;

/**
 * A pending change as the store returned it.
 *
 * @param key the alert's key
 * @param pending the change; its {@code alert} is present
 */
public record PendingAlert(String key, Pending pending) {

    /** Returns the part of the event that is needed to send and log it. */
    public StoredAlert alert() {
        return pending.alert().orElseThrow();
    }
}
