package io.hipchatalerts.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutcomeTest {

    @ParameterizedTest
    @CsvSource({
        "SENT, SENT",
        "SUPPRESSED SKIPPED SENT, SENT",
        "SKIPPED SUPPRESSED, SUPPRESSED",
        "SKIPPED REFUSED, REFUSED",
        "SUPPRESSED FAILED, FAILED",
        "REFUSED FAILED, FAILED",
        "FAILED REFUSED, FAILED",
        "SENT SUPPRESSED SKIPPED PENDING, PENDING",
        "SENT SUPPRESSED SKIPPED PENDING REFUSED, REFUSED",
        "SENT SUPPRESSED SKIPPED PENDING REFUSED FAILED, FAILED"
    })
    void oneFailureDecidesTheStatusOtherwiseTheBestResult(String deliveries, Status overall) {
        Outcome outcome = Outcome.of(Arrays.stream(deliveries.split(" ", -1))
                .map(status -> delivery(Status.valueOf(status), null, false))
                .toList());

        assertThat(outcome.status()).isEqualTo(overall);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -",
                "UNCHANGED, UNCHANGED",
                "UNCHANGED UNCHANGED, UNCHANGED",
                "NO_MATCH NO_MATCH, NO_MATCH",
                "UNCHANGED STALE, -",
                "STALE STALE UNCHANGED, -",
                "UNCHANGED null, -",
                "null UNCHANGED, -",
                "null null, -"
            })
    void theReasonIsThatOfTheDeliveriesIfTheyAgree(String deliveries, Reason overall) {
        List<DeliveryOutcome> outcomes = Arrays.stream((deliveries == null ? "null" : deliveries).split(" ", -1))
                .map(reason -> reason.equals("null") ? null : Reason.valueOf(reason))
                .map(reason -> delivery(Status.SUPPRESSED, reason, false))
                .toList();

        assertThat(Outcome.of(outcomes).reason()).isEqualTo(overall);
    }

    @Test
    void oneDegradedDeliveryDegradesTheOutcome() {
        DeliveryOutcome sound = delivery(Status.SENT, null, false);
        DeliveryOutcome degraded = delivery(Status.SENT, null, true);

        assertThat(Outcome.of(List.of(sound, sound)).degraded()).isFalse();
        assertThat(Outcome.of(List.of(sound, degraded)).degraded()).isTrue();
    }

    @Test
    void anEventWithoutADeliveryIsSkipped() {
        assertThat(Outcome.skipped(Reason.DISABLED))
                .isEqualTo(new Outcome(Status.SKIPPED, Reason.DISABLED, false, List.of()));
    }

    @Test
    void theAnswerIsThatOfTheContract() throws JsonProcessingException {
        Outcome sent = Outcome.of(List.of(DeliveryOutcome.sent(null, "alerts", 1, false)));

        assertThat(json(sent))
                .isEqualTo(
                        "{\"status\":\"sent\",\"reason\":null,\"degraded\":false,\"deliveries\":"
                                + "[{\"handler\":null,\"room\":\"alerts\",\"status\":\"sent\",\"reason\":null,\"attempts\":1}]}");
    }

    @Test
    void theAnswerNamesReasonsAndHandlers() throws JsonProcessingException {
        Outcome suppressed =
                Outcome.of(List.of(DeliveryOutcome.suppressed("ops-handler", "ops", Reason.STALE, 0, true)));

        assertThat(json(suppressed))
                .isEqualTo("{\"status\":\"suppressed\",\"reason\":\"stale\",\"degraded\":true,\"deliveries\":"
                        + "[{\"handler\":\"ops-handler\",\"room\":\"ops\",\"status\":\"suppressed\",\"reason\":\"stale\","
                        + "\"attempts\":0}]}");
        assertThat(json(Outcome.skipped(Reason.EMPTY_EVENT)))
                .isEqualTo("{\"status\":\"skipped\",\"reason\":\"empty-event\",\"degraded\":false,\"deliveries\":[]}");
    }

    @Test
    void statusesAndReasonsHaveTheContractsWords() throws JsonProcessingException {
        assertThat(json(Status.values()))
                .isEqualTo("[\"failed\",\"refused\",\"pending\",\"sent\",\"suppressed\",\"skipped\"]");
        assertThat(json(Reason.values()))
                .isEqualTo("[\"unchanged\",\"stale\",\"rate-limited\",\"unavailable\",\"under-way\",\"disabled\","
                        + "\"not-addressed\",\"no-match\",\"empty-event\"]");
    }

    private static DeliveryOutcome delivery(Status status, Reason reason, boolean degraded) {
        return new DeliveryOutcome(null, "alerts", status, reason, 0, degraded, "", Duration.ZERO);
    }

    private static String json(Object value) throws JsonProcessingException {
        return new ObjectMapper().writeValueAsString(value);
    }
}
