package io.hipchatalerts.routing;

import io.hipchatalerts.outcome.Reason;
import java.util.List;

/** Where an event goes. */
public sealed interface Route {

    /** Nowhere, and why. */
    record Nowhere(Reason reason) implements Route {}

    /**
     * To rooms.
     *
     * @param deliveries what is due, side by side
     * @param declined the topic's handlers that do not want it
     */
    record To(List<Delivery> deliveries, List<Declined> declined) implements Route {}
}
