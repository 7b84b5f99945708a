package io.hipchatalerts.outcome;

import static java.util.stream.Collectors.joining;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.function.Predicate;

/**
 * What became of one event, as it is answered.
 *
 * @param status {@code FAILED} or {@code REFUSED} if any delivery was, else {@code PENDING} if any was, else
 *     {@code SENT} if any was, else
 *     {@code SUPPRESSED} if any was, else {@code SKIPPED}
 * @param reason the deliveries' reason if they agree on one, or why there are none; else null
 * @param degraded whether any delivery was decided or settled without the state store
 * @param deliveries one each room and handler
 */
@RegisterForReflection
public record Outcome(Status status, Reason reason, boolean degraded, List<DeliveryOutcome> deliveries) {

    /** Strongest first: a failure that a retry may mend must not hide behind one that it cannot. */
    private static final List<Status> PRECEDENCE =
            List.of(Status.FAILED, Status.REFUSED, Status.PENDING, Status.SENT, Status.SUPPRESSED, Status.SKIPPED);

    /** An event that came to no delivery. */
    public static Outcome skipped(Reason reason) {
        return new Outcome(Status.SKIPPED, reason, false, List.of());
    }

    /** The outcome of an event with at least one delivery. */
    public static Outcome of(List<DeliveryOutcome> deliveries) {
        Reason first = deliveries.get(0).reason();
        return new Outcome(
                PRECEDENCE.stream()
                        .filter(status -> any(deliveries, delivery -> delivery.status() == status))
                        .findFirst()
                        .orElseThrow(),
                any(deliveries, delivery -> delivery.reason() != first) ? null : first,
                any(deliveries, DeliveryOutcome::degraded),
                deliveries);
    }

    /** What went wrong in the deliveries, in words; empty where nothing did. */
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
