package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.state.store.FaultyStore;
import io.hipchatalerts.state.store.MemoryStore;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UnconfirmedWritesTest {

    private static final Instant T = Instant.parse("2026-05-02T09:15:30Z");
    private static final int MAX_ALERTS = 100_000;

    private final VirtualTime time = new VirtualTime(T);
    private final FaultyStore store = new FaultyStore(new MemoryStore(time));
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final UnconfirmedWrites writes = by(time);

    @Test
    void anAlertWithoutUnconfirmedFactsCostsNoStoreCall() {
        writes.reconcile("id");

        assertThat(store.loads()).isZero();
    }

    @Test
    void factsAboutAnAlertAreRecordedInTheirOrderAndInOneWrite() {
        writes.add("id", sent(Level.CRITICAL, 1));
        writes.add("id", sent(Level.OK, 0));
        int[] stored = {0};
        store.beforeWrites(() -> stored[0]++);

        writes.reconcile("id");
        writes.reconcile("id");

        assertThat(stored[0]).isEqualTo(1);
        assertThat(newest("id")).contains(T.plusSeconds(1));
    }

    @Test
    void aFactThatComesWhileOthersAreRecordedIsRecordedLater() {
        writes.add("id", sent(Level.CRITICAL, 0));
        store.beforeWrites(() -> {
            store.beforeWrites(() -> {});
            writes.add("id", sent(Level.OK, 1));
        });

        writes.reconcile("id");
        assertThat(newest("id")).contains(T);
        background.remove().run();

        assertThat(newest("id")).contains(T.plusSeconds(1));
    }

    @Test
    void aFactThatWasReplacedIsNotRecorded() {
        Unconfirmed underWay = sent(Level.CRITICAL, 5);
        writes.add("id", underWay);
        writes.replace("id", underWay, sent(Level.CRITICAL, 0));

        writes.reconcile("id");

        assertThat(newest("id")).contains(T);
    }

    @Test
    void aFactIsRecordedAlsoIfTheOneThatItReplacesIsRecordedAlready() {
        Unconfirmed underWay = sent(Level.CRITICAL, 0);
        writes.add("id", underWay);
        writes.reconcile("id");
        writes.replace("id", underWay, sent(Level.CRITICAL, 5));

        writes.reconcile("id");

        assertThat(newest("id")).contains(T.plusSeconds(5));
    }

    @Test
    void factsAboutMoreAlertsThanMemoryHasRoomForAreForgotten() {
        for (int i = 0; i <= MAX_ALERTS; i++) {
            writes.add("id" + i, sent(Level.CRITICAL, 0));
        }
        writes.add("id0", sent(Level.CRITICAL, 1));

        writes.reconcile("id0");
        writes.reconcile("id" + (MAX_ALERTS - 1));
        writes.reconcile("id" + MAX_ALERTS);

        assertThat(newest("id0")).contains(T.plusSeconds(1));
        assertThat(newest("id" + (MAX_ALERTS - 1))).contains(T);
        assertThat(newest("id" + MAX_ALERTS)).isEmpty();
    }

    @Test
    void aLongOutageLeavesOneFactOfAnAlertThatIsSentAgainAndAgain() {
        AtomicInteger facts = new AtomicInteger();
        InstantSource counting = () -> {
            facts.incrementAndGet();
            return time.instant();
        };
        UnconfirmedWrites counted = by(counting);
        for (int second = 0; second < 1_000; second++) {
            counted.add("id", sent(second % 2 == 0 ? Level.CRITICAL : Level.OK, second));
        }

        counted.reconcile("id");

        assertThat(newest("id")).contains(T.plusSeconds(999));
        assertThat(facts.get()).as("looks at the clock").isLessThan(5);
    }

    private UnconfirmedWrites by(InstantSource clock) {
        return new UnconfirmedWrites(
                new Records(store, Duration.ofDays(30), Duration.ofDays(1), clock, new SplittableRandom(7)),
                Duration.ofSeconds(1),
                (delay, task) -> background.add(task),
                (key, pending) -> {});
    }

    private Optional<Instant> newest(String key) {
        return store.load(key).map(versioned -> versioned.state().newest());
    }

    private static Unconfirmed sent(Level level, long second) {
        return new Unconfirmed.WithoutLease(
                new Change(level, Optional.empty(), T.plusSeconds(second), Optional.empty()),
                new SendResult.Accepted("204"));
    }
}
