package io.hipchatalerts.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EmbeddedMetricsTest {

    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30Z");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EmbeddedMetrics metrics =
            new EmbeddedMetrics(registry, new VirtualTime(NOW), new ObjectMapper(), "alerts-of-ops");

    @Test
    void theLineIsTheOneThatCloudWatchReads() {
        count("hipchat.alerts", "status", "sent", "reason", "none");

        assertThat(metrics.line("8f507cfc"))
                .isEqualTo(
                        "{\"_aws\":{\"Timestamp\":1777713330000,\"CloudWatchMetrics\":[{\"Namespace\":\"hipchat-alerts\","
                                + "\"Dimensions\":[[\"FunctionName\"]],\"Metrics\":["
                                + "{\"Name\":\"hipchat_alerts_total_failed\",\"Unit\":\"Count\"},"
                                + "{\"Name\":\"hipchat_alerts_total_sent\",\"Unit\":\"Count\"}]}]},"
                                + "\"FunctionName\":\"alerts-of-ops\",\"AWSRequestId\":\"8f507cfc\","
                                + "\"hipchat_alerts_total_failed\":0,\"hipchat_alerts_total_sent\":1}");
    }

    @Test
    void aStatusCountsWithAndWithoutItsReason() {
        count("hipchat.alerts", "status", "failed", "reason", "none");
        count("hipchat.alerts", "status", "failed", "reason", "rate-limited");
        count("hipchat.alerts", "status", "failed", "reason", "unavailable");
        count("hipchat.alerts", "status", "suppressed", "reason", "unchanged");

        assertThat(counts())
                .isEqualTo(Map.of(
                        "hipchat_alerts_total_failed", 3L,
                        "hipchat_alerts_total_failed_rate_limited", 1L,
                        "hipchat_alerts_total_failed_unavailable", 1L,
                        "hipchat_alerts_total_suppressed", 1L,
                        "hipchat_alerts_total_suppressed_unchanged", 1L));
    }

    @Test
    void everyOtherCounterIsInTheLine() {
        count("hipchat.pending", "result", "sent");
        count("hipchat.pending", "result", "expired");
        count("hipchat.notify.retries");
        count("hipchat.state.outages", "store", "dynamodb");

        assertThat(counts())
                .isEqualTo(Map.of(
                        "hipchat_alerts_total_failed", 0L,
                        "hipchat_pending_total_sent", 1L,
                        "hipchat_pending_total_expired", 1L,
                        "hipchat_notify_retries_total", 1L,
                        "hipchat_state_outages_total", 1L));
    }

    @Test
    void eachLineHasTheCountsSinceTheOneBefore() {
        count("hipchat.alerts", "status", "sent", "reason", "none");
        count("hipchat.alerts", "status", "sent", "reason", "none");
        assertThat(counts()).containsEntry("hipchat_alerts_total_sent", 2L);

        count("hipchat.alerts", "status", "sent", "reason", "none");
        assertThat(counts()).containsEntry("hipchat_alerts_total_sent", 1L);

        assertThat(counts()).isEqualTo(Map.of("hipchat_alerts_total_failed", 0L));
    }

    @Test
    void aTimerIsNoCount() {
        registry.timer("hipchat.notify", "result", "accepted").record(Duration.ofMillis(3));

        assertThat(counts()).containsOnlyKeys("hipchat_alerts_total_failed");
    }

    private void count(String name, String... labels) {
        registry.counter(name, labels).increment();
    }

    /** Reads the next line as CloudWatch does: the metrics that it names, with their values. */
    private Map<String, Long> counts() {
        ObjectNode line = Events.parse(metrics.line("id"));
        List<JsonNode> definitions =
                line.at("/_aws/CloudWatchMetrics/0/Metrics").valueStream().toList();
        Map<String, Long> counts = new TreeMap<>();
        definitions.forEach(definition -> {
            String name = definition.path("Name").asText();
            assertThat(line.path(name).isIntegralNumber()).as(name).isTrue();
            counts.put(name, line.path(name).longValue());
        });
        return counts;
    }
}
