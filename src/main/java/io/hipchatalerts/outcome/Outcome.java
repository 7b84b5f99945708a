package io.hipchatalerts.outcome;

import static java.util.stream.Collectors.joining;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The result of one event, as the caller gets it.
 *
 * @param status the first {@link Status} that a delivery has
 * @param reason the deliveries' common reason, or why there are none; else null
 * @param degraded whether a delivery had to do without the state store
 * @param deliveries one for each room and handler
 */
@RegisterForReflection
public record Outcome(Status status, Reason reason, boolean degraded, List<DeliveryOutcome> deliveries)
        implements Answer {

    /** Returns the outcome of an event without a delivery. */
    public static Outcome skipped(Reason reason) {
        return new Outcome(Status.SKIPPED, reason, false, List.of());
    }

    /** Returns the outcome of an event with at least one delivery. */
    public static Outcome of(List<DeliveryOutcome> deliveries) {
        Reason first = deliveries.get(0).reason();
        return new Outcome(
                deliveries.stream()
                        .map(DeliveryOutcome::status)
                        .min(Comparator.naturalOrder())
                        .orElseThrow(),
                any(deliveries, delivery -> delivery.reason() != first) ? null : first,
                any(deliveries, DeliveryOutcome::degraded),
                deliveries);
    }

    /** Returns the deliveries' error texts; empty if nothing went wrong. */
    public String detail() {
        return deliveries.stream()
                .map(DeliveryOutcome::detail)
                .filter(detail -> !detail.isEmpty())
                .distinct()
                .collect(joining("; "));
    }

    private static boolean any(List<DeliveryOutcome> deliveries, Predicate<DeliveryOutcome> what) {
        return deliveries.stream().anyMatch(what);
    }
}
