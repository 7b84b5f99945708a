package io.hipchatalerts.routing;

import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import java.util.Optional;

/** Deliveries of which a test names only the parts that it is about. Their events may be kept. */
public final class TestDeliveries {

    private TestDeliveries() {}

    /** Returns a delivery of changes only, without topic and handler. */
    public static Delivery to(String room) {
        return to(room, StateChangesOnly.ON);
    }

    /** Returns a delivery without topic and handler. */
    public static Delivery to(String room, StateChangesOnly stateChangesOnly) {
        return new Delivery(Optional.empty(), Optional.empty(), room, new Token("t"), true, stateChangesOnly);
    }
}
