package io.hipchatalerts.outcome;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * An error answer, {@code application/problem+json} (RFC 9457).
 *
 * @param type {@code about:blank}, since the status says enough
 * @param title the status in words
 * @param status the HTTP status
 * @param detail the error and its correction; contains no token
 * @param degraded true if the state store was unavailable, else null
 * @param deliveries the result of each delivery, if there are any
 * @param retryAfter the time after which to try again; null if that would not help
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

    /** The time after which a caller should try again if nothing names a better one. */
    public static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private Problem(
            String title,
            int status,
            String detail,
            Boolean degraded,
            List<DeliveryOutcome> deliveries,
            Duration retryAfter) {
        this("about:blank", title, status, detail, degraded, deliveries, retryAfter);
    }

    /** Returns a problem with a request that led to no delivery. */
    public static Problem of(int status, String title, String detail) {
        return new Problem(title, status, detail, null, null, null);
    }

    /** Returns a problem with the input. */
    public static Problem badRequest(String detail) {
        return of(400, "Bad Request", detail);
    }

    /** Returns a problem that will soon be over. */
    public static Problem unavailable(String detail) {
        return new Problem("Service Unavailable", 503, detail, null, null, RETRY_AFTER);
    }

    /** Returns the problem of an unexpected exception. */
    public static Problem bug() {
        return of(500, "Internal Server Error", "This is a bug; the log has more");
    }

    /** Returns the problem that {@code outcome} amounts to, if it is one. */
    public static Optional<Problem> in(Answer answer) {
        return answer instanceof Outcome outcome ? in(outcome) : Optional.empty();
    }

    private static Optional<Problem> in(Outcome outcome) {
        return switch (outcome.status()) {
            case SENT, PENDING, SUPPRESSED, SKIPPED -> Optional.empty();
            case REFUSED -> Optional.of(of("Unprocessable Content", 422, outcome, null));
            case FAILED -> Optional.of(of("Service Unavailable", 503, outcome, longestWait(outcome)));
        };
    }

    private static Problem of(String title, int status, Outcome outcome, Duration retryAfter) {
        Boolean degraded = outcome.degraded() ? Boolean.TRUE : null;
        return new Problem(title, status, outcome.detail(), degraded, outcome.deliveries(), retryAfter);
    }

    private static Duration longestWait(Outcome outcome) {
        return outcome.deliveries().stream()
                .filter(delivery -> delivery.status() == Status.FAILED)
                .map(DeliveryOutcome::retryAfter)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }
}
