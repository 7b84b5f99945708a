package io.hipchatalerts.state.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.LastSent;
import io.hipchatalerts.state.Lease;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryStoreTest extends StateStoreContract {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00.5Z");

    private final VirtualTime time = new VirtualTime(START);
    private final StateStore store = new MemoryStore(time);
    private final StateStore three = new MemoryStore(time, 3);

    @Override
    StateStore store() {
        return store;
    }

    @Override
    StateStore store(String prefix) {
        return new MemoryStore(time);
    }

    @Override
    Duration shortTtl() {
        return Duration.ofMinutes(10);
    }

    @Override
    void outlive(String key) {
        time.pass(shortTtl());
    }

    @Override
    void age(String key) {
        time.pass(agingTtl());
    }

    /** As README.md and src/docs/state-changes.md say. */
    @Test
    void itRemembersAHundredThousandAlerts() {
        for (int i = 0; i < 100_000; i++) {
            store.compareAndSet("alert" + i, Optional.empty(), record(i), shortTtl());
        }

        assertThat(store.load("alert0")).isPresent();
    }

    @Test
    void aRecordIsRememberedToTheLastNanosecond() {
        store.compareAndSet("key", Optional.empty(), record(1), shortTtl());

        time.pass(shortTtl().minusNanos(1));
        assertThat(store.load("key")).contains(record(1));

        time.pass(Duration.ofNanos(1));
        assertThat(store.load("key")).isEmpty();
    }

    /** Three alerts have room; each step writes one of them ({@code a}) or loads it ({@code a?}). */
    @ParameterizedTest(name = "{0}: remembered are {1}")
    @CsvSource({
        "a b c,            a b c",
        "a b c d,          b c d",
        "a b c a? d,       a c d",
        "a b c a d,        a c d",
        "a b c d e,        c d e",
        // A leased or pending alert is evicted last.
        "leased b c d,     leased c d",
        "pending b c d e,  d e pending",
        "leased pending c d,   d leased pending",
        // Of those, the least recently used is evicted first.
        "leased1 leased2 pending3 leased4, leased2 leased4 pending3",
        "leased1 leased2 leased3 leased1? leased4, leased1 leased3 leased4",
        // An alert that is new does not push out one that is under way.
        "leased1 leased2 leased3 d, leased1 leased2 leased3"
    })
    void theLeastRecentlyUsedAlertIsEvictedFirst(String steps, String expected) {
        for (String step : steps.split(" ", -1)) {
            if (step.endsWith("?")) {
                three.load(step.replace("?", ""));
            } else {
                write(step, state(step));
            }
        }

        assertThat(remembered(steps)).containsExactlyInAnyOrder(expected.split(" ", -1));
    }

    @Test
    void anAlertCanBeEvictedOnceItsDeliveryHasEnded() {
        write("a", state("leased"));
        write("b", state("b"));
        write("a", state("a"));
        write("c", state("c"));
        write("b", state("b"));

        write("d", state("d"));

        assertThat(remembered("a b c d")).containsExactly("b", "c", "d");
    }

    private void write(String key, AlertState state) {
        Optional<Versioned> current = three.load(key);
        long version = current.map(Versioned::version).orElse(0L) + 1;
        assertThat(three.compareAndSet(key, current, new Versioned(state, version), LONG))
                .isTrue();
    }

    private List<String> remembered(String steps) {
        return List.of(steps.replace("?", "").split(" ", -1)).stream()
                .distinct()
                .filter(key -> three.load(key).isPresent())
                .toList();
    }

    private static AlertState state(String what) {
        Change change = new Change(Level.CRITICAL, Optional.empty(), START, Optional.empty());
        return new AlertState(
                LastSent.OK,
                Optional.empty(),
                START,
                Optional.of(new Lease(1, START, LastSent.OK, false)).filter(lease -> what.startsWith("leased")),
                Optional.empty(),
                Optional.of(new Pending(1, change, START, START, Optional.empty()))
                        .filter(pending -> what.startsWith("pending")));
    }
}
