package io.hipchatalerts.state.store;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.state.AlertProtocol;
import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.ClaimRequest;
import io.hipchatalerts.state.Decision;
import io.hipchatalerts.state.StoredAlert;
import java.time.Instant;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Decides about an event that is news and about one that is none, settles a delivery, and writes and reads its record. In
 * this package, since the format is the stores' own.
 */
@State(Scope.Benchmark)
public class StateBenchmark {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SendResult ACCEPTED = new SendResult.Accepted("204");

    private final ClaimRequest news = request(NOW);
    private final ClaimRequest noNews = request(NOW.plusSeconds(1));
    private final AlertState leased = ((Decision.Send) AlertProtocol.decide(Optional.empty(), news, NOW)).next();
    private final AlertState sent = AlertProtocol.settle(leased, news.change(), ACCEPTED, Optional.empty(), NOW);
    private final Versioned claimed = new Versioned(leased, 42);
    private final String text = RecordFormat.write(claimed);

    private static ClaimRequest request(Instant time) {
        Change change = new Change(Level.CRITICAL, Optional.of(Level.OK), time, Optional.empty());
        StoredAlert alert = new StoredAlert("cpu", Optional.empty(), Optional.empty(), "alerts", "cpu is CRITICAL");
        return new ClaimRequest(change, Optional.of(alert), false, 1, NOW.plusSeconds(35));
    }

    @Benchmark
    public Decision decideNews() {
        return AlertProtocol.decide(Optional.empty(), news, NOW);
    }

    @Benchmark
    public Decision decideNoNews() {
        return AlertProtocol.decide(Optional.of(sent), noNews, NOW);
    }

    @Benchmark
    public AlertState settle() {
        return AlertProtocol.settle(leased, news.change(), ACCEPTED, Optional.empty(), NOW);
    }

    @Benchmark
    public String writeRecord() {
        return RecordFormat.write(claimed);
    }

    @Benchmark
    public Versioned readRecord() {
        return RecordFormat.read("key", text);
    }
}
