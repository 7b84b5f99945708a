package io.hipchatalerts.state;

/**
 * An event whose outcome this process reports itself: a caller waits for the answer, or the sender of pending changes
 * sends it. It is equal to itself alone, because an event may come twice.
 */
public final class UnderWay {

    private final String key;
    private final Change change;

    UnderWay(String key, Change change) {
        this.key = key;
        this.change = change;
    }

    boolean is(PendingAlert other) {
        return key.equals(other.key()) && change.isSameEvent(other.pending().change());
    }
}
