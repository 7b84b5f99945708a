package io.hipchatalerts.state;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static io.hipchatalerts.alert.StateChangesOnly.OFF;
import static io.hipchatalerts.alert.StateChangesOnly.ON;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.OwnThread;
import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.routing.TestDeliveries;
import io.hipchatalerts.state.AlertStates.Settled;
import io.hipchatalerts.state.store.FaultyStore;
import io.hipchatalerts.state.store.FaultyStore.Fate;
import io.hipchatalerts.state.store.MemoryStore;
import io.hipchatalerts.state.store.MeteredStore;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Claim and settle over the memory store, in virtual time and with the faults that a shared store has. */
class AlertStatesTest {

    private static final Instant T = Instant.parse("2026-05-02T09:15:30Z");
    private static final Duration DEADLINE = Duration.ofSeconds(25);

    /** The deadline, one request and the margin. */
    private static final Duration LEASE = Duration.ofSeconds(35);

    private static final Duration CLOCK_SKEW = Duration.ofSeconds(2);
    private static final Delivery ALERTS = TestDeliveries.to("alerts");
    private static final String KEY = "hipchat-alerts:::id:alerts";
    private static final SendResult ACCEPTED = new SendResult.Accepted("204");
    private static final SendResult NOT_SENT = new SendResult.NotSent("429", Optional.empty(), true);
    private static final Optional<Instant> NEVER = Optional.empty();

    private final VirtualTime time = new VirtualTime(T);
    private final StateStore memory = new MemoryStore(time);
    private final FaultyStore store = new FaultyStore(memory);
    private final SplittableRandom random = new SplittableRandom(7);
    private final MeterRegistry metrics = new SimpleMeterRegistry();

    /** What this process does a little later. */
    private final Queue<Runnable> background = new ArrayDeque<>();

    /** Another process that shares the store and never loses the connection to it. */
    private final AlertStates other = over(memory, "fail");

    private final AlertStates states = over(store, "fail");

    // With the store

    /** What src/docs/state-changes.md says that an event costs. */
    @ParameterizedTest(name = "{0}: {2} loads, {3} writes")
    @CsvSource(delimiter = '|', textBlock = """
            without state changes only |               | 0 | 0
            sent                       | CRITICAL at 0 | 1 | 2
            unchanged                  | CRITICAL at 6 | 1 | 1
            unchanged and of equal time| CRITICAL at 5 | 1 | 0
            stale                      | OK at 4       | 1 | 0
            first OK                   | OK at 0       | 1 | 1
            """)
    void anEventCostsAFewStoreCalls(String what, String event, int loads, int writes) {
        AlertStates states = over(memory, "fail");
        if (what.startsWith("unchanged") || what.equals("stale")) {
            send(states, CRITICAL, 5, ACCEPTED);
        }
        long loadsBefore = calls("load");
        long writesBefore = calls("compare-and-set");

        if (event == null) {
            granted(claim(states, event(CRITICAL, 0), TestDeliveries.to("alerts", OFF)));
        } else {
            String[] parts = event.split(" at ", 2);
            if (claim(states, Level.valueOf(parts[0]), Long.parseLong(parts[1])) instanceof Claim.Granted granted) {
                states.settle(granted, ACCEPTED, NEVER);
            }
        }

        assertThat(calls("load") - loadsBefore).isEqualTo(loads);
        assertThat(calls("compare-and-set") - writesBefore).isEqualTo(writes);
    }

    @ParameterizedTest(name = "deadline {0}, request timeout {1}: lease {2} s, {3} ms for settling")
    @CsvSource({"25s, 5s, 35, 2500", "10s, 2s, 17, 1000", "2s, 1s, 8, 400", "60s, 5s, 70, 6000"})
    void theLeaseOutlastsEveryRequestAndSendingEndsEarlyEnoughToSettle(
            String deadline, String requestTimeout, long lease, long settlingMillis) {
        AlertStates states = configured(memory, "deadline", deadline, "request-timeout", requestTimeout);
        Deadline end = Deadline.in(TestConfig.with("deadline", deadline).deadline(), time);

        Claim.Granted claim = granted(states.claim(event(CRITICAL, 0), ALERTS, false, end));

        assertThat(claim.sendBy().end()).isEqualTo(end.end().minusMillis(settlingMillis));
        assertThat(claim(other, OK, 1)).isEqualTo(new Claim.Busy(T.plusSeconds(lease)));
    }

    @Test
    void aLeaseEndsByItselfAndLeavesTheLevelUnknown() {
        claim(other, CRITICAL, 0);
        time.pass(LEASE.minusNanos(1));
        assertThat(claim(other, CRITICAL, 0)).isInstanceOf(Claim.Busy.class);

        time.pass(Duration.ofNanos(1));

        assertThat(claim(other, CRITICAL, 0)).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void anAlertIsForgottenAfterItsTimeToLive() {
        AlertStates states = configured(memory, "state.ttl", "1m");
        send(states, CRITICAL, 0, ACCEPTED);

        time.pass(Duration.ofSeconds(59));
        assertThat(claim(states, CRITICAL, 0)).isEqualTo(unchanged(false));
        time.pass(Duration.ofSeconds(1));

        assertThat(claim(states, CRITICAL, 0)).isInstanceOf(Claim.Granted.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a lease", "a doubt", "an event that waits"})
    void whatStillCountsOutlivesTheShortestTimeToLive(String what) {
        AlertStates states = configured(memory, "state.ttl", "1s");
        Claim claim = claim(states, CRITICAL, 0);

        switch (what) {
            case "a lease" -> {
                time.pass(LEASE.minusNanos(1));
                assertThat(claim(other, CRITICAL, 0)).isInstanceOf(Claim.Busy.class);
            }
            case "a doubt" -> {
                settle(states, claim, inDoubt(10), T);
                time.pass(Duration.ofSeconds(10).minusNanos(1));
                assertThat(claim(other, OK, 1)).isEqualTo(new Claim.Busy(T.plusSeconds(10)));
            }
            default -> {
                settle(states, claim, NOT_SENT, T.plusSeconds(20));
                time.pass(Duration.ofSeconds(20));
                assertThat(record().pending().map(Pending::change)).contains(change(CRITICAL, 0));
            }
        }
    }

    @Test
    void theDoubtAboutARequestCoversClocksThatDiffer() {

        states.settle(granted(claim(states, CRITICAL, 0)), inDoubt(10), NEVER);

        assertThat(claim(other, OK, 1))
                .isEqualTo(new Claim.Busy(T.plusSeconds(10).plus(CLOCK_SKEW)));
        assertThat(claim(other, CRITICAL, 0)).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void theLoserOfTheRaceForALeaseDecidesAgain() {
        store.beforeWrites(() -> {
            store.beforeWrites(() -> {});
            send(other, CRITICAL, 0, ACCEPTED);
        });

        assertThat(claim(states, CRITICAL, 0)).isEqualTo(unchanged(false));
    }

    @Test
    void theLoserOfEveryRaceGivesUpAtItsDeadline() {
        int[] races = {0};
        store.beforeWrites(() -> {
            time.pass(Duration.ofSeconds(1));
            claim(other, OK, ++races[0]);
        });

        Claim claim = claim(states, CRITICAL, 1000);

        assertThat(claim).isEqualTo(new Claim.Busy(time.instant()));
        assertThat(races[0]).isEqualTo((int) DEADLINE.toSeconds());
    }

    @ParameterizedTest(name = "a settlement by {0} after the lease was lost: the level is known {1}")
    @CsvSource({"ACCEPTED, false", "IN_DOUBT, false", "NOT_SENT, true"})
    void aDeliveryThatLostItsLeaseMakesTheLevelUnknownIfHipChatMayHaveItsMessage(String result, boolean isKnown) {
        Claim.Granted lost = granted(claim(other, CRITICAL, 0));
        time.pass(LEASE);
        send(other, OK, 1, ACCEPTED);

        Settled settled = other.settle(
                lost,
                switch (result) {
                    case "ACCEPTED" -> ACCEPTED;
                    case "NOT_SENT" -> NOT_SENT;
                    // It is over by then.
                    default -> inDoubt(0);
                },
                NEVER);

        assertThat(settled).isEqualTo(Settled.UNCONFIRMED);
        assertThat(metrics.counter("hipchat.state.leases.lost").count()).isEqualTo(1);
        // Its message may have come after the newer one: any level is sent again, and the room shows the truth.
        assertThat(claim(other, OK, 2) instanceof Claim.Granted).isEqualTo(!isKnown);
    }

    @Test
    void aLostLeaseIsDisputedWhileAnotherDeliveryIsUnderWay() {
        Claim.Granted lost = granted(claim(other, CRITICAL, 0));
        time.pass(LEASE);
        Claim.Granted next = granted(claim(other, OK, 1));
        other.settle(lost, ACCEPTED, NEVER);

        assertThat(other.settle(next, ACCEPTED, NEVER)).isEqualTo(Settled.OVER);

        assertThat(record().lastSent()).isEqualTo(LastSent.UNKNOWN);
    }

    // In an outage

    @ParameterizedTest(name = "{0}: {1} after {2} is {3}")
    @CsvSource(delimiter = '|', textBlock = """
            send           | OK       | OK       | granted
            send           | CRITICAL | CRITICAL | granted
            fail           | CRITICAL | OK       | refused
            fail           | OK       | OK       | refused
            previous-level | CRITICAL | OK       | granted
            previous-level | OK       | CRITICAL | granted
            previous-level | CRITICAL |          | granted
            previous-level | CRITICAL | CRITICAL | unchanged
            previous-level | OK       | OK       | unchanged
            """)
    void thePolicyDecidesAndTheAnswerIsDegraded(String policy, Level level, Level previous, String expected) {
        store.isAvailable(false);
        AlertStates states = over(store, policy);

        Claim claim = claim(states, event("id", level, Optional.ofNullable(previous), 0), ALERTS);

        switch (expected) {
            case "granted" -> {
                assertThat(granted(claim).grant()).isInstanceOf(Claim.WithoutStore.class);
                assertThat(states.settle(granted(claim), ACCEPTED, NEVER)).isEqualTo(Settled.UNCONFIRMED);
            }
            case "refused" -> assertThat(claim).isEqualTo(new Claim.Refused());
            default -> assertThat(claim).isEqualTo(unchanged(true));
        }
    }

    /** CRITICAL is sent without the store at second 0 of the outage. */
    @ParameterizedTest(name = "CRITICAL is {0}, {1} s later comes {2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
            # Until its deadline, one request and the clock skew are over.
            under way | 0  | OK       | busy until 32
            under way | 31 | OK       | busy until 32
            under way | 32 | OK       | granted
            # Only other levels wait.
            under way | 0  | CRITICAL | granted
            accepted  | 0  | OK       | granted
            not sent  | 0  | OK       | granted
            # Until second 10 and the clock skew are over.
            in doubt  | 0  | OK       | busy until 12
            in doubt  | 0  | CRITICAL | granted
            in doubt  | 12 | OK       | granted
            """)
    void anotherLevelWaitsForAMessageOfThisProcess(String what, long seconds, Level level, String expected) {
        store.isAvailable(false);
        AlertStates states = over(store, "send");
        Claim.Granted first = granted(claim(states, CRITICAL, 0));
        switch (what) {
            case "accepted" -> states.settle(first, ACCEPTED, NEVER);
            case "not sent" -> states.settle(first, NOT_SENT, NEVER);
            case "in doubt" -> states.settle(first, inDoubt(10), NEVER);
            default -> {}
        }
        time.pass(Duration.ofSeconds(seconds));

        Claim claim = claim(states, level, 1);

        assertThat(
                        claim instanceof Claim.Busy busy
                                ? "busy until "
                                        + Duration.between(T, busy.until()).toSeconds()
                                : granted(claim).grant() instanceof Claim.WithoutStore ? "granted" : "leased")
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "known before {0}, reconciled by {1}")
    @CsvSource({"true, an event", "true, the background", "false, an event", "false, the background"})
    void aMessageSentWithoutTheStoreMakesTheLevelUnknownOnceTheStoreIsBack(boolean isKnown, String by) {
        AlertStates states = over(store, "send");
        if (isKnown) {
            send(states, CRITICAL, 0, ACCEPTED);
        }
        store.isAvailable(false);
        assertThat(states.settle(granted(claim(states, WARNING, 1)), ACCEPTED, NEVER))
                .isEqualTo(Settled.UNCONFIRMED);
        store.isAvailable(true);

        if (by.equals("an event")) {
            claim(states, OK, 0);
        } else {
            runBackground();
        }

        // The room shows WARNING now. Any level is sent by another instance too, which knows only the store.
        assertThat(claim(other, OK, 0)).isEqualTo(new Claim.Suppressed(Reason.STALE, false));
        assertThat(claim(other, isKnown ? CRITICAL : OK, 2)).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void aMessageUnderWayKeepsOtherLevelsWaitingOnceTheStoreIsBack() {
        store.isAvailable(false);
        AlertStates states = over(store, "send");
        Claim.Granted slow = granted(claim(states, CRITICAL, 0));
        store.isAvailable(true);
        runBackground();
        Instant until = T.plus(DEADLINE).plusSeconds(5).plus(CLOCK_SKEW);
        assertThat(claim(other, OK, 1)).isEqualTo(new Claim.Busy(until));
        time.pass(Duration.between(T, until));
        send(other, OK, 1, ACCEPTED);

        // Far too late; but if HipChat has it, the room shows the older message last.
        states.settle(slow, ACCEPTED, NEVER);
        runBackground();

        assertThat(claim(other, OK, 2)).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void theLeaseOfADeadProcessDoesNotKeepAMessageFromBeingRecorded() {
        claim(other, CRITICAL, 0);
        store.isAvailable(false);
        AlertStates states = over(store, "send");
        states.settle(granted(claim(states, OK, 1)), ACCEPTED, NEVER);
        time.pass(LEASE);
        store.isAvailable(true);

        runBackground();

        assertThat(record().newest()).isEqualTo(T.plusSeconds(1));
        assertThat(claim(other, OK, 2)).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void theBackgroundTriesAgainUntilTheStoreIsBackAndThenRests() {
        sendInAnOutage("a", "b", "c");
        int before = store.loads();

        assertThat(background).hasSize(1);
        background.remove().run();
        assertThat(store.loads()).as("one call finds out").isEqualTo(before + 1);
        assertThat(background).hasSize(1);
        store.isAvailable(true);
        runBackground();

        for (String id : new String[] {"a", "b", "c"}) {
            assertThat(record("hipchat-alerts:::" + id + ":alerts").lastSent()).isEqualTo(LastSent.UNKNOWN);
        }
    }

    @Test
    void anUnreadableRecordIsAnOutageOfItsAlertAlone() {
        store.isUnreadable(key -> key.contains("spoilt"));
        AlertStates states = over(store, "send");

        for (int i = 0; i < 3; i++) {
            Claim.Granted spoilt = granted(claim(states, "spoilt", CRITICAL, i));
            assertThat(spoilt.grant()).isInstanceOf(Claim.WithoutStore.class);
            states.settle(spoilt, ACCEPTED, NEVER);
            assertThat(granted(claim(states, "other" + i, CRITICAL, 0)).grant()).isInstanceOf(Claim.Leased.class);
        }
        runBackground();

        assertThat(metrics.counter("hipchat.state.outages").count()).isZero();
        assertThat(metrics.get("hipchat.state.reachable").gauge().value()).isEqualTo(1);
    }

    @Test
    void anUnreadableRecordKeepsNoOtherAlertFromBeingRecorded() {
        sendInAnOutage("a", "spoilt", "z");
        store.isAvailable(true);
        store.isUnreadable(key -> key.contains("spoilt"));

        runBackground();

        assertThat(record("hipchat-alerts:::a:alerts").lastSent()).isEqualTo(LastSent.UNKNOWN);
        assertThat(record("hipchat-alerts:::z:alerts").lastSent()).isEqualTo(LastSent.UNKNOWN);
    }

    /** Each waits for one call at most, and not for all that are before it. */
    @Test
    @Timeout(30)
    void eventsOfOneAlertDoNotQueueUpBeforeAMuteStore() throws Exception {
        store.isAvailable(false);
        AlertStates states = configured(store, "state.on-outage", "send", "deadline", "1s");
        claim(states, CRITICAL, 0);
        store.isAvailable(true);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        store.beforeLoads(() -> {
            asked.countDown();
            awaited(answered);
        });
        CompletableFuture<Claim> first = OwnThread.supply(() -> claim(states, CRITICAL, 1));
        awaited(asked);

        Claim second = claim(states, CRITICAL, 2);

        assertThat(granted(second).grant()).isInstanceOf(Claim.WithoutStore.class);
        assertThat(first).isNotDone();
        answered.countDown();
        assertThat(granted(first.get(20, TimeUnit.SECONDS)).grant()).isInstanceOf(Claim.Leased.class);
    }

    // With lost answers: the call reached the store, or did not, or will; it must make no difference

    static Stream<Arguments> fates() {
        return Stream.of(Fate.values()).flatMap(fate -> Stream.of(arguments(fate, true), arguments(fate, false)));
    }

    @ParameterizedTest(name = "a settlement that is {0}, made up for by the next event {1}, else in the background")
    @MethodSource("fates")
    void aLostSettlementIsMadeUpFor(Fate fate, boolean isByEvent) {
        settledUnanswered(fate, ACCEPTED, NEVER);
        if (!isByEvent) {
            runBackground();
        }

        assertThat(claim(isByEvent ? states : other, CRITICAL, 1)).isEqualTo(unchanged(false));
        assertNoWriteLandsLate();
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void aRetryDoesNotWaitForItsOwnLostSettlement(Fate fate) {
        settledUnanswered(fate, NOT_SENT, Optional.of(T.plusSeconds(5)));

        assertThat(granted(claimAgain(states, CRITICAL, 0)).grant()).isInstanceOf(Claim.Leased.class);
        assertNoWriteLandsLate();
    }

    @Test
    void whatOthersWroteAfterALostSettlementCounts() {
        settledUnanswered(Fate.WRITTEN, ACCEPTED, NEVER);
        claim(other, CRITICAL, 1);

        assertThat(claim(states, CRITICAL, 2)).isEqualTo(unchanged(false));
    }

    @Test
    void whatOthersWroteDoesNotCountIfTheMessageMayHaveComeAfterTheLease() {
        Claim.Granted claim = granted(claim(states, CRITICAL, 0));
        time.pass(LEASE);
        send(other, OK, 1, ACCEPTED);
        store.loseNextWrite(Fate.NOT_WRITTEN);
        states.settle(claim, ACCEPTED, NEVER);

        assertThat(claim(states, OK, 2)).isInstanceOf(Claim.Granted.class);
    }

    @ParameterizedTest(name = "settled {0} s before the end of the lease by this clock: late {1}")
    @CsvSource({"3, false", "2, true"})
    void aSettlementIsLateFromTheClockSkewBeforeTheEndOfItsLease(long secondsBefore, boolean isLate) {
        Claim.Granted claim = granted(claim(states, CRITICAL, 0));
        time.pass(LEASE.minusSeconds(secondsBefore));
        store.loseNextWrite(Fate.WRITTEN);
        states.settle(claim, ACCEPTED, NEVER);

        runBackground();

        assertThat(record().lastSent()).isEqualTo(isLate ? LastSent.UNKNOWN : LastSent.CRITICAL);
    }

    @ParameterizedTest(name = "a claim that is {0}, known before {1}")
    @MethodSource("fates")
    void aLostClaimThatNobodyActsOnKeepsNobodyWaiting(Fate fate, boolean isKnown) {
        if (isKnown) {
            send(states, WARNING, 0, ACCEPTED);
        }
        store.loseNextWrite(fate);
        assertThat(claim(states, CRITICAL, 1)).isEqualTo(new Claim.Refused());

        runBackground();

        assertNoWriteLandsLate();
        if (isKnown) {
            assertThat(claim(other, WARNING, 2)).isEqualTo(unchanged(false));
        } else {
            assertThat(claim(other, CRITICAL, 1)).isInstanceOf(Claim.Granted.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void anEventSentInSpiteOfALostClaimMakesTheLevelUnknown(Fate fate) {
        AlertStates states = over(store, "send");
        send(states, WARNING, 0, ACCEPTED);
        store.loseNextWrite(fate);
        Claim.Granted claim = granted(claim(states, CRITICAL, 1));
        assertThat(claim.grant()).isInstanceOf(Claim.WithoutStore.class);
        states.settle(claim, ACCEPTED, NEVER);

        Claim next = claim(states, WARNING, 2);

        assertNoWriteLandsLate();
        assertThat(granted(next).grant()).isInstanceOf(Claim.Leased.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "previous-level"})
    void anUnchangedEventWhoseWriteIsLostIsDecidedByThePolicy(String policy) {
        AlertStates states = over(store, policy);
        send(states, CRITICAL, 0, ACCEPTED);
        store.loseNextWrite(Fate.LATE);

        Claim claim = claim(states, event("id", CRITICAL, Optional.of(CRITICAL), 1), ALERTS);

        assertThat(claim).isEqualTo(policy.equals("fail") ? new Claim.Refused() : unchanged(true));
        // It says only what a repetition says too.
        assertThat(store.landLateWrites()).isTrue();
        assertThat(claim(states, CRITICAL, 1)).isEqualTo(unchanged(false));
    }

    /** A CRITICAL is claimed, and its settlement gets no answer. */
    private void settledUnanswered(Fate fate, SendResult result, Optional<Instant> due) {
        Claim.Granted claim = granted(claim(states, CRITICAL, 0));
        store.loseNextWrite(fate);
        assertThat(states.settle(claim, result, due)).isEqualTo(Settled.UNCONFIRMED);
    }

    private void assertNoWriteLandsLate() {
        Optional<Versioned> before = memory.load(KEY);
        assertThat(store.landLateWrites()).isFalse();
        assertThat(memory.load(KEY)).isEqualTo(before);
    }

    // Pending changes

    @Test
    void anEventThatIsKeptIsFoundSentAndNoNewsFromThenOn() {
        assertThat(keep(states, CRITICAL, 0)).contains(new AlertStates.Kept(Optional.empty(), KEY));

        PendingAlert due = onlyDue(other);
        assertThat(due.pending().change()).isEqualTo(change(CRITICAL, 0));
        assertThat(due.alert().message()).isEqualTo("m");
        settle(other, other.claim(due, deadline()), ACCEPTED, T);

        assertThat(TestAlertStates.due(other)).isEmpty();
        assertThat(other.pending().count()).isZero();
        assertThat(claim(states, CRITICAL, 0)).isEqualTo(unchanged(false));
    }

    @ParameterizedTest(name = "{0} at {1} after a CRITICAL at 5: {2}")
    @CsvSource({"CRITICAL, 6, UNCHANGED", "CRITICAL, 5, UNCHANGED", "OK, 4, STALE", "OK, 5, ", "OK, 6, "})
    void whatIsNoNewsIsNotKept(Level level, long second, Reason reason) {
        send(other, CRITICAL, 5, ACCEPTED);

        assertThat(keep(states, level, second)).contains(new AlertStates.Kept(Optional.ofNullable(reason), KEY));

        assertThat(TestAlertStates.due(other)).hasSize(reason == null ? 1 : 0);
    }

    @ParameterizedTest(name = "state changes only {0}, pending {1}, without a token of its own {2}")
    @CsvSource({"false, true, true", "true, false, true", "true, true, false"})
    void anEventThatMayNotBeKeptTouchesNoStore(boolean isState, boolean isEnabled, boolean canBeKept) {
        AlertStates configured = configured(store, "pending.enabled", Boolean.toString(isEnabled));
        Delivery delivery = new Delivery(
                Optional.empty(), Optional.empty(), "alerts", new Token("t"), canBeKept, isState ? ON : OFF);

        assertThat(configured.canKeep(delivery)).isFalse();
        assertThat(configured.keep(event(CRITICAL, 0), delivery, false, T, deadline()))
                .isEmpty();
        assertThat(store.loads()).isZero();
    }

    @Test
    void anEventIsNotKeptInAnOutage() {
        store.isAvailable(false);
        assertThat(keep(states, CRITICAL, 0)).isEmpty();

        store.isAvailable(true);
        store.isUnreadable(KEY::equals);
        assertThat(keep(states, CRITICAL, 0)).isEmpty();
    }

    @ParameterizedTest(name = "a write that is {0}: pending {1}")
    @CsvSource({"WRITTEN, true", "NOT_WRITTEN, false", "LATE, true"})
    void anEventWhoseWriteIsLostIsNotAnsweredAsKept(Fate fate, boolean isPending) {
        store.loseNextWrite(fate);

        assertThat(keep(states, CRITICAL, 0)).isEmpty();

        store.landLateWrites();
        assertThat(TestAlertStates.due(other)).hasSize(isPending ? 1 : 0);
    }

    @Test
    void theLoserOfTheRaceToKeepAnEventDecidesAgain() {
        store.beforeWrites(() -> {
            store.beforeWrites(() -> {});
            send(other, CRITICAL, 0, ACCEPTED);
        });

        assertThat(keep(states, CRITICAL, 1)).contains(new AlertStates.Kept(Optional.of(Reason.UNCHANGED), KEY));
    }

    @ParameterizedTest(name = "due at {0}, looked at {1}: {2}")
    @CsvSource({"0, 0, true", "5, 4, false", "5, 5, true"})
    void aChangeIsDueFromItsMomentOn(long due, long look, boolean isDue) {
        states.keep(event(CRITICAL, 0), ALERTS, false, T.plusSeconds(due), deadline());

        time.pass(Duration.ofSeconds(look));

        assertThat(TestAlertStates.due(states)).hasSize(isDue ? 1 : 0);
        assertThat(states.pending().count()).isOne();
    }

    @Test
    void theChangeOfAProcessThatDiedIsDueWhenItsLeaseIsOver() {
        claim(states, CRITICAL, 0);

        time.pass(LEASE.minusNanos(1));
        assertThat(TestAlertStates.due(other)).isEmpty();
        time.pass(Duration.ofNanos(1));

        granted(other.claim(onlyDue(other), deadline()));
    }

    @Test
    void aChangeIsFoundByItsKeyWithoutTheIndex() {
        keep(states, CRITICAL, 0);
        store.hasNoIndex();

        assertThat(TestAlertStates.due(states)).isEmpty();
        assertThat(states.pending().due(List.of(KEY, "hipchat-alerts:::none:alerts"), deadline(), key -> {}))
                .extracting(PendingAlert::key)
                .containsExactly(KEY);
    }

    @Test
    void anOutageIsNotTheSameAsNothingDue() {
        store.isAvailable(false);

        assertThatThrownBy(() -> TestAlertStates.due(states)).isInstanceOf(StoreUnavailable.class);
        assertThatThrownBy(states.pending()::count).isInstanceOf(StoreUnavailable.class);
    }

    @Test
    void anUnreadableRecordHidesNoOtherChange() {
        keep(states, "foreign", CRITICAL, 0);
        keep(states, "id", CRITICAL, 0);
        store.isUnreadable(key -> key.contains("foreign"));

        assertThat(onlyDue(states).alert().id()).isEqualTo("id");
    }

    @ParameterizedTest(name = "meanwhile {0}: the claim is {1}")
    @CsvSource({"nothing, Granted", "sent, Gone", "replaced, Gone", "claimed, Busy", "given up, Gone"})
    void aPendingChangeIsDecidedAgainWhenItIsClaimed(String meanwhile, String expected) {
        keep(states, CRITICAL, 0);
        PendingAlert due = onlyDue(states);
        anotherInstance(meanwhile, due);

        assertThat(states.claim(due, deadline()).getClass().getSimpleName()).isEqualTo(expected);
    }

    @ParameterizedTest(name = "meanwhile {0}: given up {1}")
    @CsvSource({"nothing, true", "sent, false", "replaced, false", "claimed, false", "given up, false"})
    void aChangeThatSomebodyElseTookIsNotGivenUp(String meanwhile, boolean isGivenUp) {
        keep(states, CRITICAL, 0);
        PendingAlert due = onlyDue(states);
        anotherInstance(meanwhile, due);
        Versioned before = memory.load(KEY).orElseThrow();

        assertThat(states.pending().giveUp(due)).isEqualTo(isGivenUp);

        if (isGivenUp) {
            assertThat(states.pending().count()).isZero();
        } else {
            assertThat(memory.load(KEY)).contains(before);
        }
    }

    private void anotherInstance(String does, PendingAlert due) {
        switch (does) {
            case "sent" -> settle(other, other.claim(due, deadline()), ACCEPTED, T);
            case "replaced" -> keep(other, WARNING, 1);
            case "claimed" -> granted(other.claim(due, deadline()));
            case "given up" -> assertThat(other.pending().giveUp(due)).isTrue();
            default -> assertThat(does).isEqualTo("nothing");
        }
    }

    @Test
    void aPendingChangeIsNotSentWithoutTheStore() {
        AlertStates always = over(store, "send");
        keep(always, CRITICAL, 0);
        PendingAlert due = onlyDue(always);
        store.isAvailable(false);

        assertThatThrownBy(() -> always.claim(due, deadline())).isInstanceOf(StoreUnavailable.class);
    }

    /** It was answered as pending, so nobody delivers it again. */
    @ParameterizedTest(name = "a claim that is {0}, by a process that dies {1}")
    @MethodSource("fates")
    void aPendingChangeOutlivesALostClaimOfIt(Fate fate, boolean isDead) {
        keep(states, CRITICAL, 0);
        PendingAlert due = onlyDue(states);
        store.loseNextWrite(fate);
        assertThatThrownBy(() -> states.claim(due, deadline())).isInstanceOf(StoreUnavailable.class);

        if (isDead) {
            store.landLateWrites();
        } else {
            runBackground();
            assertNoWriteLandsLate();
        }
        time.pass(LEASE);

        settle(other, other.claim(onlyDue(other), deadline()), ACCEPTED, T);
        assertThat(claim(isDead ? other : states, CRITICAL, 1)).isEqualTo(unchanged(false));
    }

    /** An event that was answered as failed takes the place of one that was answered as pending. */
    @Test
    void aLostClaimOfANewerEventLosesNothing() {
        keep(states, WARNING, 0);
        store.loseNextWrite(Fate.WRITTEN);
        assertThat(claim(states, CRITICAL, 1)).isEqualTo(new Claim.Refused());
        runBackground();

        time.pass(LEASE);

        assertThat(onlyDue(other).pending().change()).isEqualTo(change(CRITICAL, 1));
    }

    @ParameterizedTest(name = "a settlement that is {0}, accepted {1}")
    @MethodSource("fates")
    void aLostSettlementOfAPendingChangeIsMadeUpFor(Fate fate, boolean isAccepted) {
        keep(states, CRITICAL, 0);
        Claim.Granted claim = granted(states.claim(onlyDue(states), deadline()));
        store.loseNextWrite(fate);
        assertThat(states.settle(claim, isAccepted ? ACCEPTED : NOT_SENT, Optional.of(T)))
                .isEqualTo(Settled.UNCONFIRMED);

        runBackground();

        assertNoWriteLandsLate();
        assertThat(TestAlertStates.due(other)).hasSize(isAccepted ? 0 : 1);
    }

    @Test
    void aChangeThatSomebodyTakesMeanwhileIsNotGivenUp() {
        keep(states, CRITICAL, 0);
        PendingAlert due = onlyDue(states);
        store.beforeWrites(() -> granted(other.claim(due, deadline())));

        assertThat(states.pending().giveUp(due)).isFalse();

        assertThat(record().lease()).isPresent();
        assertThat(record().pending()).isPresent();
    }

    @ParameterizedTest(name = "a write that is {0}: pending {1}")
    @CsvSource({"WRITTEN, false", "NOT_WRITTEN, true", "LATE, false"})
    void givingUpWithoutAnAnswerIsAnOutage(Fate fate, boolean isPending) {
        keep(states, CRITICAL, 0);
        PendingAlert due = onlyDue(states);
        store.loseNextWrite(fate);

        assertThatThrownBy(() -> states.pending().giveUp(due)).isInstanceOf(StoreUnavailable.class);

        store.landLateWrites();
        assertThat(TestAlertStates.due(other)).hasSize(isPending ? 1 : 0);
    }

    /** A digest of two alerts, of which another instance takes one between the look and the claim. */
    @Test
    void ofTwoChangesThatAreDueTheOneThatAnotherInstanceTookStaysWithIt() {
        keep(states, "first", CRITICAL, 0);
        keep(states, "second", WARNING, 0);
        Map<String, PendingAlert> due = TestAlertStates.due(states).stream()
                .collect(toMap(alert -> alert.alert().id(), alert -> alert));
        assertThat(due).containsOnlyKeys("first", "second");
        Claim.Granted theirs = granted(other.claim(due.get("first"), deadline()));

        assertThat(states.claim(due.get("first"), deadline())).isInstanceOf(Claim.Busy.class);
        settle(states, states.claim(due.get("second"), deadline()), ACCEPTED, T);

        assertThat(record(due.get("first").key()).pending()).isPresent();
        assertThat(record(due.get("second").key()).pending()).isEmpty();
        assertThat(other.settle(theirs, NOT_SENT, Optional.of(T))).isEqualTo(Settled.PENDING);
        assertThat(onlyDue(states).alert().id()).isEqualTo("first");
    }

    private PendingAlert onlyDue(AlertStates of) {
        List<PendingAlert> due = TestAlertStates.due(of);
        assertThat(due).hasSize(1);
        return due.get(0);
    }

    private Optional<AlertStates.Kept> keep(AlertStates of, Level level, long second) {
        return keep(of, "id", level, second);
    }

    private Optional<AlertStates.Kept> keep(AlertStates of, String id, Level level, long second) {
        return of.keep(event(id, level, Optional.empty(), second), ALERTS, false, T, deadline());
    }

    private AlertState record() {
        return record(KEY);
    }

    private AlertState record(String key) {
        return memory.load(key).orElseThrow().state();
    }

    private long calls(String operation) {
        return metrics.timer("hipchat.state", "op", operation, "store", "memory")
                .count();
    }

    /** Runs what is to be done a little later. The store is available, so that nothing is left for another run. */
    private void runBackground() {
        background.remove().run();
        assertThat(background).isEmpty();
    }

    private void send(AlertStates states, Level level, long second, SendResult result) {
        assertThat(states.settle(granted(claim(states, level, second)), result, NEVER))
                .isNotEqualTo(Settled.UNCONFIRMED);
    }

    private static void settle(AlertStates states, Claim claim, SendResult result, Instant due) {
        assertThat(states.settle(granted(claim), result, Optional.of(due))).isNotEqualTo(Settled.UNCONFIRMED);
    }

    private Claim claim(AlertStates states, Level level, long second) {
        return claim(states, "id", level, second);
    }

    private Claim claim(AlertStates states, String id, Level level, long second) {
        return claim(states, event(id, level, Optional.empty(), second), ALERTS);
    }

    private Claim claim(AlertStates states, AlertEvent event, Delivery delivery) {
        return states.claim(event, delivery, false, deadline());
    }

    private Claim claimAgain(AlertStates states, Level level, long second) {
        return states.claim(event(level, second), ALERTS, true, deadline());
    }

    private Deadline deadline() {
        return Deadline.in(DEADLINE, time);
    }

    private static Claim.Granted granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return (Claim.Granted) claim;
    }

    private static Claim unchanged(boolean isDegraded) {
        return new Claim.Suppressed(Reason.UNCHANGED, isDegraded);
    }

    /** A request that HipChat may accept until {@code second}. */
    private static SendResult inDoubt(long second) {
        return new SendResult.InDoubt("no answer", Optional.empty(), T.plusSeconds(second));
    }

    private static void awaited(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException goingDown) {
            throw new IllegalStateException(goingDown);
        }
    }

    /** Sends a change of each alert without the store, which does not know of it then. */
    private void sendInAnOutage(String... ids) {
        store.isAvailable(false);
        AlertStates states = over(store, "send");
        for (String id : ids) {
            states.settle(granted(claim(states, id, CRITICAL, 0)), ACCEPTED, NEVER);
        }
    }

    private AlertStates over(StateStore store, String onOutage) {
        return configured(store, "state.on-outage", onOutage);
    }

    private AlertStates configured(StateStore store, String... settings) {
        HipChatConfig config = TestConfig.with(settings);
        StateStore metered = new MeteredStore(store, config.state().onOutage().text(), metrics);
        return new AlertStates(config, metered, time, random, metrics, (delay, task) -> background.add(task));
    }

    private static Change change(Level level, long second) {
        return new Change(level, Optional.empty(), T.plusSeconds(second), Optional.empty());
    }

    private static AlertEvent event(Level level, long second) {
        return event("id", level, Optional.empty(), second);
    }

    private static AlertEvent event(String id, Level level, Optional<Level> previous, long second) {
        return TestEvents.event(id, "m", level, previous, T.plusSeconds(second));
    }
}
