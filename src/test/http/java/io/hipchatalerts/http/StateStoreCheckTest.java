package io.hipchatalerts.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class StateStoreCheckTest {

    /** Ample for a store that answers at once, on a busy machine too. */
    private static final Duration ANY_TIME = Duration.ofMinutes(1);

    private static final Duration SHORT = Duration.ofMillis(100);

    private final CapturedLog log = new CapturedLog(StateStoreCheck.class.getName(), "%p %m");

    private final VirtualTime time = new VirtualTime(Instant.EPOCH);
    private final AtomicInteger writes = new AtomicInteger();
    private volatile Supplier<Optional<Versioned>> loads = Optional::empty;
    private volatile Supplier<Boolean> write = () -> true;

    @AfterEach
    void stopListening() {
        log.close();
    }

    @ParameterizedTest
    @CsvSource({
        "unavailable, previous-level, UP,   false, false",
        "unavailable, send,           UP,   false, false",
        "unavailable, fail,           DOWN, false, false",
        "read-only,   previous-level, UP,   true,  false",
        "read-only,   send,           UP,   true,  false",
        "read-only,   fail,           DOWN, true,  false",
        "available,   previous-level, UP,   true,  true",
        "available,   send,           UP,   true,  true",
        "available,   fail,           UP,   true,  true"
    })
    void anOutageMakesTheInstanceUnreadyOnlyIfNothingCanBeSentWithoutTheStore(
            String state, String onOutage, Status status, boolean readable, boolean writable) {
        if (state.equals("unavailable")) {
            loads = () -> {
                throw new StoreUnavailable(new IllegalStateException("away"));
            };
        } else if (state.equals("read-only")) {
            write = StateStoreCheckTest::readOnly;
        }

        HealthCheckResponse response = answer(check(onOutage));

        assertThat(response.getName()).isEqualTo("state store");
        assertThat(response.getStatus()).isEqualTo(status);
        assertShows(response, readable, writable);
        assertThat(log.lines()).hasSize(status == Status.UP ? 0 : 1);
    }

    @Test
    void aWriteOfAnotherInstanceShowsThatTheStoreIsWritable() {
        write = () -> false;

        assertShows(answer(check("fail")), true, true);
    }

    @Test
    void aStoreThatDoesNotAnswerDoesNotDelayTheCheck() {
        CountDownLatch over = new CountDownLatch(1);
        loads = () -> {
            await(over);
            return Optional.empty();
        };

        HealthCheckResponse response = answer(check("previous-level", SHORT));

        assertShows(response, false, false);
        over.countDown();
    }

    @Test
    void aWriteThatDoesNotAnswerIsNotMadeAgainUntilItEnds() {
        CountDownLatch over = new CountDownLatch(1);
        write = () -> {
            await(over);
            return true;
        };
        StateStoreCheck check = check("fail", SHORT);

        assertThat(answer(check).getData().orElseThrow()).containsEntry("writable", false);
        // The check may end before the thread of its write begins.
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAtomic(writes, is(1));
        for (int i = 0; i < 2; i++) {
            assertThat(answer(check).getData().orElseThrow()).containsEntry("writable", false);
        }

        assertThat(writes).hasValue(1);
        over.countDown();
    }

    @Test
    void probesInQuickSuccessionCostOneWrite() {
        StateStoreCheck check = check("fail");

        for (int i = 0; i < 10; i++) {
            assertShows(answer(check), true, true);
        }

        assertThat(writes).hasValue(1);
        time.pass(Duration.ofSeconds(5));
        answer(check);
        assertThat(writes).hasValue(2);
    }

    @Test
    void anInstanceThatIsNotReadyLogsTheStoresErrorOnceAndItsEndOnce() {
        write = StateStoreCheckTest::readOnly;
        StateStoreCheck check = check("fail");

        for (int i = 0; i < 3; i++) {
            assertThat(answer(check).getStatus()).isEqualTo(Status.DOWN);
            time.pass(Duration.ofSeconds(5));
        }
        write = () -> true;
        for (int i = 0; i < 3; i++) {
            assertThat(answer(check).getStatus()).isEqualTo(Status.UP);
            time.pass(Duration.ofSeconds(5));
        }

        assertThat(log.lines())
                .containsExactly(
                        "WARN Not ready: the fake state store cannot be read and written"
                                + " (java.lang.IllegalStateException: READONLY replica), and hipchat.state.on-outage=fail"
                                + " sends nothing without it",
                        "INFO Ready again: the fake state store can be read and written");
    }

    private static boolean readOnly() {
        throw new StoreUnavailable(new IllegalStateException("READONLY replica"));
    }

    private static void await(CountDownLatch over) {
        try {
            over.await();
        } catch (InterruptedException nobodyWaitsAnyMore) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertShows(HealthCheckResponse response, boolean readable, boolean writable) {
        assertThat(response.getData())
                .contains(Map.of(
                        "store",
                        "fake",
                        "reachable",
                        readable && writable,
                        "readable",
                        readable,
                        "writable",
                        writable));
    }

    private static HealthCheckResponse answer(StateStoreCheck check) {
        return check.call().await().indefinitely();
    }

    private StateStoreCheck check(String onOutage) {
        return check(onOutage, ANY_TIME);
    }

    private StateStoreCheck check(String onOutage, Duration longest) {
        HipChatConfig config = TestConfig.with("state.on-outage", onOutage);
        StateStore store = new StateStore() {
            @Override
            public Optional<Versioned> load(String key) {
                assertThat(key).isEqualTo("hipchat-alerts:#probe");
                return loads.get();
            }

            @Override
            public boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
                assertThat(key).isEqualTo("hipchat-alerts:#probe");
                assertThat(ttl).isLessThanOrEqualTo(Duration.ofMinutes(1));
                writes.incrementAndGet();
                return write.get();
            }

            @Override
            public List<PendingEntry> due(Instant now, int limit) {
                throw new AssertionError("a check looks for nothing pending");
            }

            @Override
            public long pendingCount() {
                throw new AssertionError("a check counts nothing");
            }

            @Override
            public String name() {
                return "fake";
            }
        };
        return new StateStoreCheck(store, config, time, new Random(1), longest);
    }
}
