package io.hipchatalerts.bench.micro;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.AlertReader;
import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.match.Match;
import io.hipchatalerts.match.MatchFailed;
import java.time.Instant;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reads an alert as Kapacitor posts it, and evaluates a handler's match. */
@State(Scope.Benchmark)
public class AlertBenchmark {

    private static final String MATCH = "level() == CRITICAL AND \"host\" =~ /^web-[0-9]+$/";

    private final ObjectMapper mapper = new ObjectMapper();
    private final String json = Alerts.event(1, 1, "CRITICAL");
    private final Match match = Match.parse(MATCH);
    private final AlertEvent event = read(json);

    private AlertEvent read(String text) {
        try {
            return AlertReader.read(mapper.readTree(text), Instant.EPOCH);
        } catch (JsonProcessingException malformed) {
            throw new IllegalStateException(malformed);
        }
    }

    @Benchmark
    public AlertEvent readAlert() {
        return read(json);
    }

    @Benchmark
    public Match parseMatch() {
        return Match.parse(MATCH);
    }

    @Benchmark
    public boolean match() throws MatchFailed {
        return match.accepts(event);
    }
}
