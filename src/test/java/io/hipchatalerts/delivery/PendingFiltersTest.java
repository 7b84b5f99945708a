package io.hipchatalerts.delivery;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.outcome.FlushOutcome.Flushed;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.StoredAlert;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The filters of {@code deploy/lambda/template.yaml} and the lines that they count, which are the only trace of a pending
 * change outside the table.
 */
class PendingFiltersTest {

    private static final Pending CHANGE = new Pending(
            1,
            new Change(Level.OK, Optional.empty(), Instant.EPOCH, Optional.empty()),
            Instant.EPOCH,
            Instant.EPOCH,
            Optional.of(new StoredAlert("cpu", Optional.of("cpu"), Optional.empty(), "ops", "cpu is OK")));

    static Stream<Arguments> lines() {
        return Stream.of(
                arguments("PendingFilter", flushed(2), true),
                arguments("PendingFilter", flushed(0), false),
                arguments("PendingFilter", ended(PendingLog.Result.SENT), false),
                arguments("GivenUpFilter", ended(PendingLog.Result.EXPIRED), true),
                arguments("GivenUpFilter", ended(PendingLog.Result.REFUSED), true),
                arguments("GivenUpFilter", ended(PendingLog.Result.SENT), false),
                arguments("GivenUpFilter", ended(PendingLog.Result.STALE), false),
                arguments("GivenUpFilter", flushed(2), false));
    }

    private static Consumer<PendingLog> flushed(long pending) {
        return log -> log.flushed(new FlushOutcome(new Flushed(3, 1, 1, 1), pending));
    }

    private static Consumer<PendingLog> ended(PendingLog.Result result) {
        return log -> log.ended(CHANGE, result, PendingLog.LastStep.without(""));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void theLogsLinesAreCounted(String filter, Consumer<PendingLog> event, boolean isCounted) throws IOException {
        try (CapturedLog log = new CapturedLog("io.hipchatalerts.pending", "%s")) {
            event.accept(new PendingLog(new SimpleMeterRegistry(), InstantSource.fixed(Instant.EPOCH)));

            String line = log.lines().get(0);
            assertThat(counts(filter, line)).isEqualTo(isCounted);
            assertThat(counts(filter, new ObjectMapper().writeValueAsString(Map.of("message", line))))
                    .isEqualTo(isCounted);
        }
    }

    /** A line counts if it has all terms, none of those with a minus sign, and one of those with a question mark. */
    private static boolean counts(String filter, String line) throws IOException {
        String pattern = new YAMLMapper()
                .readTree(Path.of("deploy/lambda/template.yaml").toFile())
                .at("/Resources/" + filter + "/Properties/FilterPattern")
                .asText();
        Map<String, List<String>> terms = Pattern.compile("([?-]?)\"([^\"]+)\"")
                .matcher(pattern)
                .results()
                .collect(groupingBy(term -> term.group(1), mapping(term -> term.group(2), toList())));
        return terms.getOrDefault("", List.of()).stream().allMatch(line::contains)
                && terms.getOrDefault("-", List.of()).stream().noneMatch(line::contains)
                && (!terms.containsKey("?") || terms.get("?").stream().anyMatch(line::contains));
    }
}
