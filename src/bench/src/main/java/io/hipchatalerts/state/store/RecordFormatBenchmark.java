package io.hipchatalerts.state.store;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.state.AlertProtocol;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.ClaimRequest;
import io.hipchatalerts.state.Decision;
import io.hipchatalerts.state.StoredAlert;
import java.time.Instant;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Writes and reads the record of a claimed alert. In this package, since the format is the stores' own. */
@State(Scope.Benchmark)
public class RecordFormatBenchmark {

    private final Versioned claimed = claimed();
    private final String text = RecordFormat.write(claimed);

    private static Versioned claimed() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        Change change = new Change(Level.CRITICAL, Optional.of(Level.OK), now, Optional.empty());
        StoredAlert alert = new StoredAlert("cpu", Optional.empty(), Optional.empty(), "alerts", "cpu is CRITICAL");
        ClaimRequest request = new ClaimRequest(change, Optional.of(alert), false, 1, now.plusSeconds(35));
        return new Versioned(((Decision.Send) AlertProtocol.decide(Optional.empty(), request, now)).next(), 42);
    }

    /** Writes the record. */
    @Benchmark
    public String write() {
        return RecordFormat.write(claimed);
    }

    /** Reads the record. */
    @Benchmark
    public Versioned read() {
        return RecordFormat.read("key", text);
    }
}
