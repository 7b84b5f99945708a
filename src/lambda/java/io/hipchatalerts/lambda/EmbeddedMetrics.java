package io.hipchatalerts.lambda;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Writes the counts of one invocation in CloudWatch's embedded metric format, which CloudWatch turns into metrics
 * ({@code src/docs/lambda.md}). A line can have only one value for each dimension, so the labels are part of the names.
 */
@ApplicationScoped
class EmbeddedMetrics {

    static final String NAMESPACE = "hipchat-alerts";

    /** The dimension of Lambda's own metrics, too. */
    static final String DIMENSION = "FunctionName";

    /** Always written, so that a graph or an alarm can distinguish "no failure" from "no data". */
    static final String ALWAYS = "hipchat_alerts_total_failed";

    private static final List<String> LABELS = List.of("status", "result", "reason");

    private final MeterRegistry metrics;
    private final InstantSource clock;
    private final ObjectMapper json;
    private final String function;
    private Map<String, Long> written = Map.of();

    EmbeddedMetrics(
            MeterRegistry metrics,
            InstantSource clock,
            ObjectMapper json,
            @ConfigProperty(name = "AWS_LAMBDA_FUNCTION_NAME", defaultValue = NAMESPACE) String function) {
        this.metrics = metrics;
        this.clock = clock;
        this.json = json;
        this.function = function;
    }

    /**
     * Returns what was counted since the last line. Leaves out zeros, except {@link #ALWAYS}: CloudWatch charges for each
     * metric that has a value.
     *
     * @param requestId the id of the invocation
     * @return one line without its end
     */
    synchronized String line(String requestId) {
        Map<String, Long> totals = totals();
        ObjectNode line = json.createObjectNode();
        ObjectNode aws = line.putObject("_aws").put("Timestamp", clock.millis());
        ObjectNode directive = aws.putArray("CloudWatchMetrics").addObject().put("Namespace", NAMESPACE);
        directive.putArray("Dimensions").addArray().add(DIMENSION);
        ArrayNode definitions = directive.putArray("Metrics");
        line.put(DIMENSION, function).put(RequestId.KEY, requestId);
        totals.forEach((name, total) -> {
            long count = total - written.getOrDefault(name, 0L);
            if (count > 0 || name.equals(ALWAYS)) {
                definitions.addObject().put("Name", name).put("Unit", "Count");
                line.put(name, count);
            }
        });
        written = totals;
        return line.toString();
    }

    private Map<String, Long> totals() {
        Map<String, Long> totals = new TreeMap<>(Map.of(ALWAYS, 0L));
        for (Meter meter : metrics.getMeters()) {
            if (meter instanceof Counter counter) {
                long count = Math.round(counter.count());
                names(counter.getId()).forEach(name -> totals.merge(name, count, Long::sum));
            }
        }
        return totals;
    }

    /**
     * Returns the counter's name as on {@code /q/metrics}, followed by its labels. A status with a reason counts with and
     * without it: {@code hipchat_alerts_total_failed} and {@code hipchat_alerts_total_failed_unavailable}.
     */
    private static Stream<String> names(Meter.Id id) {
        String name = id.getName().replace('.', '_') + "_total";
        List<String> labels = LABELS.stream()
                .map(id::getTag)
                .filter(Objects::nonNull)
                .filter(label -> !label.equals("none"))
                .toList();
        return labels.isEmpty()
                ? Stream.of(name)
                : IntStream.rangeClosed(1, labels.size())
                        .mapToObj(n -> name + "_" + String.join("_", labels.subList(0, n)))
                        .map(full -> full.replace('-', '_'));
    }
}
