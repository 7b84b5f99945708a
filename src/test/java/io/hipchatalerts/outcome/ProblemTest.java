package io.hipchatalerts.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemTest {

    private static final DeliveryOutcome SENT = DeliveryOutcome.sent("first", "a", 1, false);
    private static final DeliveryOutcome REFUSED =
            DeliveryOutcome.refused("second", "b", 1, false, "HipChat refused: 401 x");
    private static final DeliveryOutcome FAILED = failed("Too slow", Duration.ofSeconds(5));

    @ParameterizedTest
    @EnumSource(names = {"SENT", "SUPPRESSED", "SKIPPED"})
    void aSuccessIsNoProblem(Status status) {
        assertThat(Problem.in(new Outcome(status, null, true, List.of()))).isEmpty();
    }

    @Test
    void aRefusalIs422WithHipChatsTextAndWithoutARetryAfter() throws JsonProcessingException {
        Problem problem = problem(REFUSED);

        assertThat(problem.retryAfter()).isNull();
        assertThat(json(problem))
                .isEqualTo(
                        "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
                                + "\"detail\":\"HipChat refused: 401 x\",\"deliveries\":"
                                + "[{\"handler\":\"second\",\"room\":\"b\",\"status\":\"refused\",\"reason\":null,\"attempts\":1}]}");
    }

    @Test
    void aFailureIs503WithARetryAfter() throws JsonProcessingException {
        Problem problem = problem(FAILED);

        assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(5));
        assertThat(json(problem))
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                        + "\"detail\":\"Too slow\",\"deliveries\":"
                        + "[{\"handler\":null,\"room\":\"c\",\"status\":\"failed\",\"reason\":null,\"attempts\":0}]}");
    }

    @Test
    void aProblemContainsAllDeliveriesAndEachDetailOnce() {
        Problem problem = problem(SENT, REFUSED, FAILED, FAILED);

        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.detail()).isEqualTo("HipChat refused: 401 x; Too slow");
        assertThat(problem.deliveries()).containsExactly(SENT, REFUSED, FAILED, FAILED);
    }

    @Test
    void theLongestWaitOfAFailureCounts() {
        assertThat(problem(failed("x", Duration.ofSeconds(7)), FAILED, REFUSED).retryAfter())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(problem(FAILED, failed("x", Duration.ofSeconds(7))).retryAfter())
                .isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void badInputIs400AndListsNoDeliveries() throws JsonProcessingException {
        assertThat(json(Problem.badRequest("level is missing")))
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
                        + "\"detail\":\"level is missing\"}");
    }

    private static DeliveryOutcome failed(String detail, Duration retryAfter) {
        return DeliveryOutcome.failed(null, "c", 0, false, detail, retryAfter);
    }

    private static Problem problem(DeliveryOutcome... deliveries) {
        return Problem.in(Outcome.of(List.of(deliveries))).orElseThrow();
    }

    private static String json(Problem problem) throws JsonProcessingException {
        return new ObjectMapper().writeValueAsString(problem);
    }
}
