package io.hipchatalerts.state.store;

import static io.hipchatalerts.state.store.StateStoreContract.LONG;
import static io.hipchatalerts.state.store.StateStoreContract.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.state.store.FaultyStore.Fate;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeteredStoreTest {

    private static final String KEY = "key";

    private final FaultyStore store = new FaultyStore(new MemoryStore(new VirtualTime(Instant.EPOCH)));
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final MeteredStore metered = new MeteredStore(store, "previous-level", metrics);
    private final CapturedLog log = new CapturedLog(MeteredStore.class.getName(), "%p %m");

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    void itAnswersAsTheStoreDoes() {
        assertThat(write(1)).isTrue();
        assertThat(write(2)).isFalse();
        assertThat(metered.load(KEY)).contains(record(1));
        assertThat(metered.name()).isEqualTo("memory");
        assertThat(metered.clockSkew()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void eachCallIsTimedWhetherOrNotItIsAnswered() {
        assertThat(calls("load")).as("exists from the start").isZero();
        assertThat(calls("compare-and-set")).as("exists from the start").isZero();

        metered.load(KEY);
        write(1);
        store.isAvailable(false);
        assertUnavailable(() -> metered.load(KEY));

        assertThat(calls("load")).isEqualTo(2);
        assertThat(calls("compare-and-set")).isEqualTo(1);
    }

    @Test
    void anOutageIsCountedAndLoggedOnceWhenItBeginsAndOnceWhenItEnds() {
        assertThat(outages()).as("exists from the start").isZero();
        assertThat(reachable()).isEqualTo(1);

        store.isAvailable(false);
        for (int i = 0; i < 100; i++) {
            assertUnavailable(() -> metered.load(KEY));
        }
        assertThat(outages()).isEqualTo(1);
        assertThat(reachable()).isZero();
        store.isAvailable(true);
        metered.load(KEY);
        metered.load(KEY);

        assertThat(outages()).isEqualTo(1);
        assertThat(reachable()).isEqualTo(1);
        assertThat(log.lines())
                .containsExactly(
                        "WARN The memory state store is unavailable (java.lang.IllegalStateException: connection"
                                + " refused); until it is back, hipchat.state.on-outage=previous-level decides",
                        "INFO The memory state store is back");
    }

    @Test
    void aStoreThatAnswersLoadsAndTakesNoWritesIsInOneOutage() {
        for (int i = 0; i < 10; i++) {
            metered.load(KEY);
            store.loseNextWrite(Fate.NOT_WRITTEN);
            assertUnavailable(() -> write(1));
            assertThat(reachable()).isZero();
        }
        metered.load(KEY);
        assertThat(reachable()).isZero();

        write(1);

        assertThat(reachable()).isEqualTo(1);
        assertThat(outages()).isEqualTo(1);
        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void anOutageOfBothCallsEndsWhenBothWork() {
        store.isAvailable(false);
        assertUnavailable(() -> metered.load(KEY));
        assertUnavailable(() -> write(1));
        store.isAvailable(true);

        write(1);
        assertThat(reachable()).isZero();
        metered.load(KEY);

        assertThat(reachable()).isEqualTo(1);
        assertThat(outages()).isEqualTo(1);
    }

    @Test
    void anUnreadableRecordIsLoggedAndIsNoOutage() {
        store.isUnreadable(KEY::equals);

        assertThatThrownBy(() -> metered.load(KEY))
                .isInstanceOfSatisfying(StoreUnavailable.class, failure -> assertThat(failure.isOfOneAlert())
                        .isTrue());

        assertThat(outages()).isZero();
        assertThat(reachable()).isEqualTo(1);
        assertThat(log.lines())
                .containsExactly(
                        "WARN The record under key was not written by this version of hipchat-alerts; update, or"
                                + " delete it; hipchat.state.on-outage=previous-level decides");
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StoreUnavailable.class);
    }

    private boolean write(long version) {
        return metered.compareAndSet(KEY, Optional.empty(), record(version), LONG);
    }

    private long calls(String operation) {
        return metrics.get("hipchat.state")
                .tags("op", operation, "store", "memory")
                .timer()
                .count();
    }

    private double outages() {
        return metrics.get("hipchat.state.outages").counter().count();
    }

    private double reachable() {
        return metrics.get("hipchat.state.reachable").gauge().value();
    }
}
