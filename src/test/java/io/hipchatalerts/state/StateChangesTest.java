package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.Series;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Pause;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Claim and settle over a real store, in virtual time. */
class StateChangesTest {

    private static final Instant T = Instant.parse("2026-05-02T09:15:30Z");
    private static final Duration DEADLINE = Duration.ofSeconds(25);
    private static final Delivery SCO = delivery(StateChangesOnly.ON);

    private final VirtualTime time = new VirtualTime(T);
    private final StateStore memory = new MemoryStore(time);
    private final SplittableRandom versions = new SplittableRandom(7);
    private final MeterRegistry metrics = new SimpleMeterRegistry();

    @Test
    void withoutStateChangesOnlyNoStoreIsTouched() {
        StateChanges changes = over(new Unreachable(), "fail");

        Claim claim = changes.claim(event(Level.OK, 0), delivery(StateChangesOnly.OFF), Optional.empty(), deadline());

        assertThat(claim).isInstanceOfSatisfying(Claim.Granted.class, granted -> {
            assertThat(granted.hold()).isEqualTo(new Claim.NoState());
            assertThat(changes.settle(granted, Level.OK, Ending.ACCEPTED)).isTrue();
        });
    }

    @Test
    void aToldChangeIsSuppressedFromThenOn() {
        StateChanges changes = over(memory, "fail");

        tell(changes, Level.CRITICAL, 0, Ending.ACCEPTED);

        assertThat(changes.claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline()))
                .isEqualTo(new Claim.Suppressed(Reason.UNCHANGED, false));
        assertThat(changes.claim(event(Level.OK, 0), SCO, Optional.empty(), deadline()))
                .isEqualTo(new Claim.Suppressed(Reason.STALE, false));
    }

    /** What src/docs/state.md says that an event costs. */
    @ParameterizedTest(name = "{0}: {1} loads, {2} swaps")
    @CsvSource({
        "off, 0, 0",
        "sent, 1, 2",
        "unchanged, 1, 1",
        "unchanged at the same time, 1, 1",
        "stale, 1, 0",
        "first OK, 1, 1"
    })
    void anEventCostsAFewStoreCalls(String what, int loads, int swaps) {
        boolean known = what.startsWith("unchanged") || what.equals("stale");
        if (known) {
            MeterRegistry aside = new SimpleMeterRegistry();
            StateChanges earlier = new StateChanges(TestConfig.with(), memory, time, time, versions, aside);
            tell(earlier, Level.CRITICAL, 5, Ending.ACCEPTED);
        }
        StateChanges changes = over(memory, "fail");

        switch (what) {
            case "off" -> tell(changes, Level.CRITICAL, 0, Ending.ACCEPTED, delivery(StateChangesOnly.OFF));
            case "sent" -> tell(changes, Level.CRITICAL, 0, Ending.ACCEPTED);
            case "unchanged" -> changes.claim(event(Level.CRITICAL, 6), SCO, Optional.empty(), deadline());
            case "unchanged at the same time" ->
                changes.claim(event(Level.CRITICAL, 5), SCO, Optional.empty(), deadline());
            case "stale" -> changes.claim(event(Level.OK, 4), SCO, Optional.empty(), deadline());
            default -> changes.claim(event(Level.OK, 0), SCO, Optional.empty(), deadline());
        }

        assertThat(calls("load")).isEqualTo(loads);
        assertThat(calls("swap")).isEqualTo(swaps);
    }

    @Test
    void waitsForADeliveryUnderWayAndDecidesAgainWhenItEnds() {
        Claim.Granted first =
                granted(over(memory, "fail").claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline()));
        StateChanges settler = over(memory, "fail");
        // The other delivery ends while this one waits for it the second time.
        Pause endsTheOther = length -> {
            time.pause(length);
            if (time.pauses().size() == 2) {
                assertThat(settler.settle(first, Level.CRITICAL, Ending.ACCEPTED))
                        .isTrue();
            }
        };

        Claim claim =
                over(memory, "fail", endsTheOther).claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline());

        assertThat(claim).isEqualTo(new Claim.Suppressed(Reason.UNCHANGED, false));
        assertThat(time.pauses()).hasSize(2);
    }

    @Test
    void givesUpWaitingAtTheDeadlineAndSaysWhenToComeBack() {
        over(memory, "fail")
                .claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), Deadline.in(Duration.ofMinutes(5), time));

        Claim claim = over(memory, "fail").claim(event(Level.OK, 1), SCO, Optional.empty(), deadline());

        assertThat(time.instant()).isEqualTo(T.plus(DEADLINE));
        assertThat(claim).isInstanceOfSatisfying(Claim.Refused.class, refused -> {
            assertThat(refused.detail()).contains("under way");
            assertThat(refused.retryAfter())
                    .isEqualTo(Duration.ofMinutes(5).minus(DEADLINE).plus(StateChanges.MARGIN));
        });
    }

    @Test
    void aHoldEndsByItselfWithinTheDeadlineAndTenSecondsAndTheLevelIsUnknownThen() {
        over(memory, "fail").claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline());

        time.pass(DEADLINE.plusSeconds(10));
        Claim claim = over(memory, "fail").claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline());

        assertThat(claim).isInstanceOf(Claim.Granted.class);
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void aHoldOutlivesTheMemoryOfQuietAlerts() {
        StateChanges shortMemory = over(memory, "fail", time, "1s");
        shortMemory.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline());

        time.pass(DEADLINE);

        assertThat(shortMemory.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), new Deadline(T, time)))
                .isInstanceOf(Claim.Refused.class);
    }

    @Test
    void anAlertIsForgottenAfterItsTtl() {
        StateChanges shortMemory = over(memory, "fail", time, "1m");
        tell(shortMemory, Level.CRITICAL, 0, Ending.ACCEPTED);

        time.pass(Duration.ofSeconds(61));

        assertThat(shortMemory.claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline()))
                .isInstanceOf(Claim.Granted.class);
    }

    @Test
    void whoLostItsHoldCannotSettleAndMakesTheLevelUnknown() {
        StateChanges sleeper = over(memory, "fail");
        Claim.Granted lost = granted(sleeper.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline()));
        time.pass(DEADLINE.plusSeconds(10));
        tell(over(memory, "fail"), Level.OK, 1, Ending.ACCEPTED);

        boolean settled = sleeper.settle(lost, Level.CRITICAL, Ending.ACCEPTED);

        assertThat(settled).isFalse();
        assertThat(metrics.counter("hipchat.state.holds.lost").count()).isEqualTo(1);
        // Its message may have come after the newer one: any level is told again, and the room shows the truth.
        assertThat(over(memory, "fail").claim(event(Level.OK, 2), SCO, Optional.empty(), deadline()))
                .isInstanceOf(Claim.Granted.class);
    }

    @Test
    void tellingEndsEarlyEnoughToSettle() {
        Claim.Granted claim =
                granted(over(memory, "fail").claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline()));

        assertThat(claim.tellBy().end()).isEqualTo(T.plus(DEADLINE).minusSeconds(1));
    }

    @Test
    void whoLosesTheRaceForAClaimDecidesAgain() {
        StateChanges winner = over(memory, "fail");
        StateStore overtaken = new Decorated(memory) {
            private boolean first = true;

            @Override
            public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
                if (first) {
                    first = false;
                    tell(winner, Level.CRITICAL, 0, Ending.ACCEPTED);
                }
                return super.swap(key, expected, next, ttl);
            }
        };

        Claim claim = over(overtaken, "fail").claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline());

        assertThat(claim).isEqualTo(new Claim.Suppressed(Reason.UNCHANGED, false));
    }

    @ParameterizedTest
    @CsvSource({
        "send,           OK,       OK,       granted",
        "send,           CRITICAL, CRITICAL, granted",
        "fail,           CRITICAL, OK,       refused",
        "previous-level, CRITICAL, OK,       granted",
        "previous-level, OK,       CRITICAL, granted",
        "previous-level, CRITICAL,         , granted",
        "previous-level, CRITICAL, CRITICAL, unchanged",
        "previous-level, OK,       OK,       unchanged"
    })
    void withoutTheStoreTheOutagePolicyDecidesAndSaysSo(String policy, Level level, Level previous, String expected) {
        StateChanges changes = over(new Unreachable(), policy);
        AlertEvent event = event(level, Optional.ofNullable(previous), 0);

        Claim claim = changes.claim(event, SCO, Optional.empty(), deadline());

        switch (expected) {
            case "granted" -> {
                assertThat(granted(claim).hold()).isInstanceOf(Claim.WithoutStore.class);
                assertThat(changes.settle(granted(claim), level, Ending.ACCEPTED))
                        .isFalse();
            }
            case "refused" ->
                assertThat(claim).isInstanceOfSatisfying(Claim.Refused.class, refused -> assertThat(refused.degraded())
                        .isTrue());
            default -> assertThat(claim).isEqualTo(new Claim.Suppressed(Reason.UNCHANGED, true));
        }
    }

    @Test
    void anOutageIsCountedOnceHoweverManyEventsItMeets() {
        Unreachable store = new Unreachable();
        StateChanges changes = over(store, "send");

        for (int i = 0; i < 100; i++) {
            changes.claim(event(Level.CRITICAL, i), SCO, Optional.empty(), deadline());
        }
        store.isBack = true;
        changes.claim(event(Level.CRITICAL, 101), SCO, Optional.empty(), deadline());
        store.isBack = false;
        changes.claim(event(Level.CRITICAL, 102), SCO, Optional.empty(), deadline());

        assertThat(metrics.counter("hipchat.state.outages").count()).isEqualTo(2);
    }

    @Test
    void itIsShownWhetherTheLastCallReachedTheStore() {
        Unreachable store = new Unreachable();
        StateChanges changes = over(store, "send");
        assertThat(reachable()).isEqualTo(1);

        changes.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline());
        assertThat(reachable()).isZero();

        store.isBack = true;
        changes.claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline());
        assertThat(reachable()).isEqualTo(1);
    }

    @Test
    void aHoldThatRanOutDoesNotKeepAnOutageFromBeingMadeGoodFor() {
        over(memory, "fail").claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline());
        Unreachable store = new Unreachable();
        StateChanges changes = over(store, "send");
        changes.claim(event(Level.OK, 1), SCO, Optional.empty(), deadline());
        time.pass(DEADLINE.plusSeconds(10));
        store.isBack = true;

        changes.claim(event("another", Level.OK, 0), SCO, Optional.empty(), deadline());

        assertThat(memory.load("hipchat-alerts:::id:alerts").orElseThrow().record())
                .isEqualTo(new AlertRecord(Told.UNKNOWN, T.plusSeconds(1), 1, Optional.empty(), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({"true, id", "true, another", "false, id", "false, another"})
    void aChangeToldInAnOutageIsMadeGoodForWhenTheStoreIsBack(boolean knownBefore, String firstBack) {
        Unreachable store = new Unreachable();
        StateChanges changes = over(store, "send");
        if (knownBefore) {
            store.isBack = true;
            tell(changes, Level.CRITICAL, 0, Ending.ACCEPTED);
            store.isBack = false;
        }
        Claim.Granted recovery = granted(changes.claim(event(Level.WARNING, 1), SCO, Optional.empty(), deadline()));
        assertThat(changes.settle(recovery, Level.WARNING, Ending.ACCEPTED)).isFalse();
        store.isBack = true;

        changes.claim(event(firstBack, Level.OK, 0), SCO, Optional.empty(), deadline());

        // The room shows WARNING now. Both levels are told by another instance too, which knows just the store.
        StateChanges other = over(memory, "fail");
        assertThat(other.claim(event(Level.OK, 0), SCO, Optional.empty(), deadline()))
                .isEqualTo(new Claim.Suppressed(Reason.STALE, false));
        assertThat(other.claim(event(knownBefore ? Level.CRITICAL : Level.OK, 2), SCO, Optional.empty(), deadline()))
                .isInstanceOf(Claim.Granted.class);
    }

    @Test
    void anOutageAfterHipChatAcceptedLeavesTheLevelUnknownToOthers() {
        Unreachable store = new Unreachable();
        store.isBack = true;
        StateChanges changes = over(store, "fail");
        Claim.Granted claim = granted(changes.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline()));
        store.isBack = false;

        assertThat(changes.settle(claim, Level.CRITICAL, Ending.ACCEPTED)).isFalse();

        time.pass(DEADLINE.plusSeconds(10));
        assertThat(over(memory, "fail").claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline()))
                .isInstanceOf(Claim.Granted.class);
    }

    /** The call before the outage hit the store or not: nobody can tell, and it must make no difference. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whatAnOutageKeptFromBeingSettledIsSettledByTheNextEvent(boolean written) {
        LosesAnswers store = new LosesAnswers(memory);
        StateChanges changes = over(store, "fail");
        settledUnanswered(changes, store, written, Ending.ACCEPTED);

        assertThat(changes.claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline()))
                .isEqualTo(new Claim.Suppressed(Reason.UNCHANGED, false));
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void whatOthersWroteOverASettlingWhoseAnswerWasLostIsTrusted() {
        LosesAnswers store = new LosesAnswers(memory);
        StateChanges changes = over(store, "fail");
        settledUnanswered(changes, store, true, Ending.ACCEPTED);
        over(memory, "fail").claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline());

        assertThat(changes.claim(event(Level.CRITICAL, 2), SCO, Optional.empty(), deadline()))
                .isEqualTo(new Claim.Suppressed(Reason.UNCHANGED, false));
    }

    @Test
    void whatOthersWroteIsNotTrustedWhereTheMessageMayHaveComeAfterTheHold() {
        LosesAnswers store = new LosesAnswers(memory);
        StateChanges changes = over(store, "fail");
        Claim.Granted claim = granted(changes.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline()));
        time.pass(DEADLINE.plusSeconds(10));
        tell(over(memory, "fail"), Level.OK, 1, Ending.ACCEPTED);
        store.loseSwap(false);
        changes.settle(claim, Level.CRITICAL, Ending.ACCEPTED);

        assertThat(changes.claim(event(Level.OK, 2), SCO, Optional.empty(), deadline()))
                .isInstanceOf(Claim.Granted.class);
    }

    /** Each waits for one call at most, and not for all that are before it. */
    @Test
    @Timeout(30)
    void eventsOfOneAlertDoNotQueueUpBeforeAMuteStore() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        Unreachable away = new Unreachable();
        StateStore mute = new Decorated(away) {
            @Override
            public Optional<Entry> load(String key) {
                if (away.isBack) {
                    asked.countDown();
                    awaited(answered);
                }
                return super.load(key);
            }
        };
        StateChanges changes = over(mute, "send");
        changes.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline());
        away.isBack = true;
        CompletableFuture<Claim> first = CompletableFuture.supplyAsync(
                () -> changes.claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline()));
        awaited(asked);

        Claim second = changes.claim(event(Level.OK, 2), SCO, Optional.empty(), deadline());

        assertThat(granted(second).hold()).isInstanceOf(Claim.WithoutStore.class);
        assertThat(first).isNotDone();
        answered.countDown();
        assertThat(granted(first.get(20, TimeUnit.SECONDS)).hold()).isInstanceOf(Claim.Held.class);
    }

    @ParameterizedTest
    @CsvSource({"true, fail", "false, fail", "true, send", "false, send"})
    void aClaimWhoseAnswerWasLostKeepsNobodyWaiting(boolean written, String policy) {
        LosesAnswers store = new LosesAnswers(memory);
        StateChanges changes = over(store, policy);
        tell(changes, Level.WARNING, 0, Ending.ACCEPTED);
        store.loseSwap(written);
        Claim first = changes.claim(event(Level.CRITICAL, 1), SCO, Optional.empty(), deadline());
        assertThat(first).isInstanceOf(policy.equals("fail") ? Claim.Refused.class : Claim.Granted.class);

        Claim next = changes.claim(event(Level.WARNING, 2), SCO, Optional.empty(), deadline());

        // Told without a hold, the level is unknown; not told, it is what it was.
        assertThat(next)
                .isInstanceOf(policy.equals("fail") ? Claim.Suppressed.class : Claim.Granted.class)
                .isNotInstanceOf(Claim.Refused.class);
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void whoCouldNotGiveItsHoldBackBeforeItWaitedDoesNotWaitForItself() {
        LosesAnswers store = new LosesAnswers(memory);
        StateChanges changes = over(store, "fail");
        Claim.Held earlier = settledUnanswered(changes, store, false, Ending.NOT_ACCEPTED);

        Claim again = changes.claim(event(Level.CRITICAL, 0), SCO, Optional.of(earlier), deadline());

        assertThat(granted(again).hold()).isInstanceOf(Claim.Held.class);
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void whatIsToldWithoutTheStoreAfterItIsBackIsMadeGoodForToo() {
        Unreachable store = new Unreachable();
        StateChanges changes = over(store, "send");
        Claim.Granted slow = granted(changes.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline()));
        store.isBack = true;
        changes.claim(event("another", Level.OK, 0), SCO, Optional.empty(), deadline());
        tell(over(memory, "fail"), Level.OK, 1, Ending.ACCEPTED);

        // HipChat takes the older message after the newer one.
        changes.settle(slow, Level.CRITICAL, Ending.ACCEPTED);

        assertThat(changes.claim(event(Level.OK, 2), SCO, Optional.empty(), deadline()))
                .isInstanceOf(Claim.Granted.class);
    }

    @Test
    void aRecordThatCannotBeReadIsNoOutageForOthers() {
        int[] loads = {0};
        StateStore store = new Decorated(memory) {
            @Override
            public Optional<Entry> load(String key) {
                if (key.contains("spoilt")) {
                    loads[0]++;
                    throw EntryText.unreadable(key, null);
                }
                return super.load(key);
            }
        };
        StateChanges changes = over(store, "send");

        for (int i = 0; i < 3; i++) {
            Claim spoilt = changes.claim(event("spoilt", Level.CRITICAL, i), SCO, Optional.empty(), deadline());
            assertThat(granted(spoilt).hold()).isInstanceOf(Claim.WithoutStore.class);
            tell(changes, "other" + i, Level.CRITICAL, 0, Ending.ACCEPTED, SCO);
            int looksAtIt = loads[0];
            tell(changes, "other" + i, Level.OK, 1, Ending.ACCEPTED, SCO);
            assertThat(loads[0]).as("others are not made to look at it again").isEqualTo(looksAtIt);
        }

        assertThat(metrics.counter("hipchat.state.outages").count()).isZero();
        assertThat(reachable()).isEqualTo(1);
    }

    @Test
    void aStoreThatAnswersLoadsAndTakesNoWritesIsOneOutageHoweverManyEventsItMeets() {
        LosesAnswers store = new LosesAnswers(memory);
        StateChanges changes = over(store, "send");

        for (int i = 0; i < 10; i++) {
            store.loseSwap(false);
            changes.claim(event("id" + i, Level.CRITICAL, 0), SCO, Optional.empty(), deadline());
        }

        assertThat(metrics.counter("hipchat.state.outages").count()).isEqualTo(1);
        assertThat(reachable()).isZero();
        changes.claim(event("id0", Level.CRITICAL, 1), SCO, Optional.empty(), deadline());
        assertThat(reachable()).isEqualTo(1);
    }

    @Test
    void makingGoodForOthersTakesAnEventHalfASecondAtMost() {
        Duration call = Duration.ofMillis(150);
        boolean[] isBack = {false};
        StateStore slow = new Decorated(memory) {
            @Override
            public Optional<Entry> load(String key) {
                if (!isBack[0]) {
                    throw new StoreUnavailable(new IllegalStateException("refused"));
                }
                time.pass(call);
                return super.load(key);
            }
        };
        StateChanges changes = over(slow, "send");
        for (int i = 0; i < 100; i++) {
            changes.claim(event("id" + i, Level.CRITICAL, 0), SCO, Optional.empty(), deadline());
        }
        isBack[0] = true;
        Instant before = time.instant();

        tell(changes, Level.CRITICAL, 0, Ending.ACCEPTED);

        assertThat(Duration.between(before, time.instant()))
                .isGreaterThan(call.multipliedBy(2))
                .isLessThanOrEqualTo(Duration.ofMillis(500).plus(call).plus(call));
    }

    private double reachable() {
        return metrics.get("hipchat.state.reachable").gauge().value();
    }

    private long calls(String operation) {
        return metrics.timer("hipchat.state", "op", operation, "store", "memory")
                .count();
    }

    private void tell(StateChanges changes, Level level, long second, Ending ending) {
        tell(changes, level, second, ending, SCO);
    }

    private void tell(StateChanges changes, Level level, long second, Ending ending, Delivery delivery) {
        tell(changes, "id", level, second, ending, delivery);
    }

    private void tell(StateChanges changes, String id, Level level, long second, Ending ending, Delivery delivery) {
        Claim.Granted claim = granted(changes.claim(event(id, level, second), delivery, Optional.empty(), deadline()));
        assertThat(changes.settle(claim, level, ending)).isTrue();
    }

    private static Claim.Granted granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return (Claim.Granted) claim;
    }

    /** A CRITICAL is claimed, and what settles it is not answered. */
    private Claim.Held settledUnanswered(StateChanges changes, LosesAnswers store, boolean written, Ending ending) {
        Claim.Granted claim = granted(changes.claim(event(Level.CRITICAL, 0), SCO, Optional.empty(), deadline()));
        store.loseSwap(written);
        assertThat(changes.settle(claim, Level.CRITICAL, ending)).isFalse();
        return (Claim.Held) claim.hold();
    }

    private static void awaited(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException over) {
            throw new IllegalStateException(over);
        }
    }

    private Deadline deadline() {
        return Deadline.in(DEADLINE, time);
    }

    private StateChanges over(StateStore store, String onOutage) {
        return over(store, onOutage, time, "30d");
    }

    private StateChanges over(StateStore store, String onOutage, Pause pause) {
        return over(store, onOutage, pause, "30d");
    }

    private StateChanges over(StateStore store, String onOutage, Pause pause, String ttl) {
        return new StateChanges(
                TestConfig.with("state.on-outage", onOutage, "state.ttl", ttl), store, time, pause, versions, metrics);
    }

    private static AlertEvent event(Level level, long second) {
        return event(level, Optional.empty(), second);
    }

    private static AlertEvent event(String id, Level level, long second) {
        return new AlertEvent(
                id,
                "m",
                level,
                Optional.empty(),
                T.plusSeconds(second),
                Duration.ZERO,
                Series.NONE,
                Optional.empty(),
                Optional.empty());
    }

    private static AlertEvent event(Level level, Optional<Level> previous, long second) {
        return new AlertEvent(
                "id",
                "m",
                level,
                previous,
                T.plusSeconds(second),
                Duration.ZERO,
                Series.NONE,
                Optional.empty(),
                Optional.empty());
    }

    private static Delivery delivery(StateChangesOnly stateChangesOnly) {
        return new Delivery(Optional.empty(), Optional.empty(), "alerts", new Token("t"), stateChangesOnly);
    }

    /** A store that passes every call on. */
    private static class Decorated implements StateStore {

        private final StateStore store;

        Decorated(StateStore store) {
            this.store = store;
        }

        @Override
        public Optional<Entry> load(String key) {
            return store.load(key);
        }

        @Override
        public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
            return store.swap(key, expected, next, ttl);
        }

        @Override
        public String name() {
            return store.name();
        }
    }

    /** A store whose next swap is not answered, be it done or not. */
    private static final class LosesAnswers extends Decorated {

        private Optional<Boolean> loses = Optional.empty();

        LosesAnswers(StateStore store) {
            super(store);
        }

        void loseSwap(boolean written) {
            loses = Optional.of(written);
        }

        @Override
        public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
            Optional<Boolean> lost = loses;
            loses = Optional.empty();
            if (lost.isEmpty()) {
                return super.swap(key, expected, next, ttl);
            }
            if (lost.get()) {
                super.swap(key, expected, next, ttl);
            }
            throw new StoreUnavailable(new IllegalStateException("no answer"));
        }
    }

    /** A store that cannot be asked until it is back. */
    private final class Unreachable implements StateStore {

        private volatile boolean isBack;

        @Override
        public Optional<Entry> load(String key) {
            return whenBack(() -> memory.load(key));
        }

        @Override
        public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
            return whenBack(() -> memory.swap(key, expected, next, ttl));
        }

        @Override
        public String name() {
            return "unreachable";
        }

        private <T> T whenBack(Supplier<T> call) {
            if (!isBack) {
                throw new StoreUnavailable(new IllegalStateException("refused"));
            }
            return call.get();
        }
    }
}
