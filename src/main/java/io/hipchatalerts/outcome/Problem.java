package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * An error as callers get it: RFC 9457's {@code application/problem+json}.
 *
 * @param type {@code about:blank}: the status says what kind of problem it is
 * @param title the status in words
 * @param status the HTTP status
 * @param detail what went wrong and what to change; holds no token
 * @param degraded true when the state store was out of reach; null otherwise
 * @param deliveries what became of each delivery, where there were any
 * @param retryAfter when a failed event is worth another try; null when it is not
 */
@RegisterForReflection
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @JsonInclude(JsonInclude.Include.NON_NULL) Boolean degraded,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<DeliveryOutcome> deliveries,
        @JsonIgnore Duration retryAfter) {

    private static final Duration COME_BACK = Duration.ofSeconds(5);

    /** A problem with a request that came to no delivery. */
    public static Problem of(int status, String title, String detail) {
        return new Problem("about:blank", title, status, detail, null, null, null);
    }

    /** Bad input. */
    public static Problem badRequest(String detail) {
        return of(400, "Bad Request", detail);
    }

    /** An event that cannot be taken now, and can be in a moment. */
    public static Problem unavailable(String detail) {
        return new Problem("about:blank", "Service Unavailable", 503, detail, null, null, COME_BACK);
    }

    /** Something that should not have happened. */
    public static Problem bug() {
        return of(500, "Internal Server Error", "This is a bug; the log has more");
    }

    /** The problem that {@code outcome} is; empty when all went well. */
    public static Optional<Problem> in(Outcome outcome) {
        return switch (outcome.status()) {
            case SENT, PENDING, SUPPRESSED, SKIPPED -> Optional.empty();
            case REFUSED ->
                Optional.of(new Problem(
                        "about:blank",
                        "Unprocessable Content",
                        422,
                        outcome.detail(),
                        degraded(outcome),
                        outcome.deliveries(),
                        null));
            case FAILED ->
                Optional.of(new Problem(
                        "about:blank",
                        "Service Unavailable",
                        503,
                        outcome.detail(),
                        degraded(outcome),
                        outcome.deliveries(),
                        longestWait(outcome)));
        };
    }

    private static Boolean degraded(Outcome outcome) {
        return outcome.degraded() ? Boolean.TRUE : null;
    }

    private static Duration longestWait(Outcome outcome) {
        return outcome.deliveries().stream()
                .filter(delivery -> delivery.status() == Status.FAILED)
                .map(DeliveryOutcome::retryAfter)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }
}
