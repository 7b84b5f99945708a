package io.hipchatalerts.routing;

import io.hipchatalerts.outcome.Reason;
import java.util.List;

/** Where an event goes. */
public sealed interface Route {

    /** Nowhere, and why. */
    record Nowhere(Reason reason) implements Route {}

    /** To these rooms, side by side. */
    record To(List<Delivery> deliveries) implements Route {}
}
