package io.hipchatalerts.bench.micro;

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

/** Decides about an event that is news and about one that is none, and settles a delivery. */
@State(Scope.Benchmark)
public class ProtocolBenchmark {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SendResult ACCEPTED = new SendResult.Accepted("204");

    private final ClaimRequest news = request(Level.CRITICAL, NOW);
    private final ClaimRequest noNews = request(Level.CRITICAL, NOW.plusSeconds(1));
    private final AlertState leased = ((Decision.Send) AlertProtocol.decide(Optional.empty(), news, NOW)).next();
    private final AlertState sent = settled(leased, news);

    private static ClaimRequest request(Level level, Instant time) {
        Change change = new Change(level, Optional.of(Level.OK), time, Optional.empty());
        StoredAlert alert = new StoredAlert("cpu", Optional.empty(), Optional.empty(), "alerts", "cpu is " + level);
        return new ClaimRequest(change, Optional.of(alert), false, 1, NOW.plusSeconds(35));
    }

    private static AlertState settled(AlertState leased, ClaimRequest request) {
        return AlertProtocol.settle(leased, request.change(), ACCEPTED, Optional.empty(), NOW);
    }

    /** Decides to send. */
    @Benchmark
    public Decision decideNews() {
        return AlertProtocol.decide(Optional.empty(), news, NOW);
    }

    /** Decides to suppress. */
    @Benchmark
    public Decision decideNoNews() {
        return AlertProtocol.decide(Optional.of(sent), noNews, NOW);
    }

    /** Settles a delivery that HipChat accepted. */
    @Benchmark
    public AlertState settle() {
        return settled(leased, news);
    }
}
