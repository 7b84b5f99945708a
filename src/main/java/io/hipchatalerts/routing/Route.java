package io.hipchatalerts.routing;

import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.Reason;
import java.util.List;

/** The destination of an event. */
public sealed interface Route {

    /** No room. */
    record Nowhere(Reason reason) implements Route {}

    /**
     * Rooms.
     *
     * @param deliveries the deliveries, to be made concurrently
     * @param declined the outcomes of the topic's handlers that do not accept the event
     */
    record To(List<Delivery> deliveries, List<DeliveryOutcome> declined) implements Route {}
}
