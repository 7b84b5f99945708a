package io.hipchatalerts.state;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static io.hipchatalerts.state.TestRecords.free;
import static io.hipchatalerts.state.TestRecords.withLastSent;
import static io.hipchatalerts.state.TestRecords.withLastSentAt;
import static io.hipchatalerts.state.TestRecords.withLease;
import static io.hipchatalerts.state.TestRecords.withNewest;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of contract §5, row by row, and the records that deliveries and lost writes leave behind. */
class AlertProtocolTest {

    private static final Instant T = Instant.parse("2026-05-02T09:15:30Z");
    private static final Instant NOW = T.plusSeconds(1);
    private static final Instant LEASE_END = NOW.plusSeconds(35);
    private static final Instant DUE = NOW.plusSeconds(3);
    private static final Instant DOUBT_END = NOW.plusSeconds(10);
    private static final Optional<Instant> NEVER = Optional.empty();
    private static final long OWNER = 7;
    private static final long OTHER_OWNER = 8;
    private static final Optional<StoredAlert> ALERT =
            Optional.of(new StoredAlert("id", Optional.empty(), Optional.empty(), "ops", "m"));

    /** Results by the name that the tables have for them. */
    private enum Result {
        ACCEPTED,
        REJECTED,
        NOT_SENT,
        IN_DOUBT;

        SendResult sendResult() {
            return switch (this) {
                case ACCEPTED -> new SendResult.Accepted("204");
                case REJECTED -> new SendResult.Rejected(400, "400");
                case NOT_SENT -> new SendResult.NotSent("429", Optional.empty(), true);
                case IN_DOUBT -> new SendResult.InDoubt("no answer", Optional.empty(), DOUBT_END);
            };
        }
    }

    // Decide

    @ParameterizedTest(name = "last sent {0}, {1} s ago; event {2}, previous level {3}, interval {4} s: {5}")
    @CsvSource(delimiter = '|', textBlock = """
            # last sent | s ago | event  | previous | interval | decision
            # Nothing known: not OK, or OK after trouble that Kapacitor knows of.
                     |        | CRITICAL |          |     | SEND
                     |        | CRITICAL | CRITICAL |     | SEND
                     |        | INFO     | OK       |     | SEND
                     |        | OK       | CRITICAL |     | SEND
                     |        | OK       | INFO     |     | SEND
                     |        | OK       | OK       |     | UNCHANGED
                     |        | OK       |          |     | UNCHANGED
            NOTHING  |        | OK       |          |     | UNCHANGED
            NOTHING  |        | OK       | WARNING  |     | SEND
            NOTHING  |        | WARNING  |          |     | SEND
            # Level unknown: any level, OK too.
            UNKNOWN  |        | OK       | OK       |     | SEND
            UNKNOWN  |        | CRITICAL | CRITICAL |     | SEND
            # Another level.
            CRITICAL | 1      | WARNING  | CRITICAL |     | SEND
            CRITICAL | 1      | OK       | OK       |     | SEND
            OK       | 1      | INFO     | INFO     |     | SEND
            # The same level.
            CRITICAL | 1      | CRITICAL | OK       |     | UNCHANGED
            OK       | 1      | OK       | CRITICAL |     | UNCHANGED
            CRITICAL | 999999 | CRITICAL | CRITICAL |     | UNCHANGED
            # The same level and an interval: in event time, and OK is never repeated.
            CRITICAL | 599    | CRITICAL | CRITICAL | 600 | UNCHANGED
            CRITICAL | 600    | CRITICAL | CRITICAL | 600 | SEND
            CRITICAL | 601    | CRITICAL | CRITICAL | 600 | SEND
            INFO     | 600    | INFO     | INFO     | 600 | SEND
            OK       | 601    | OK       | OK       | 600 | UNCHANGED
            # A level that is known although no message was accepted.
            CRITICAL |        | CRITICAL | CRITICAL | 600 | UNCHANGED
            """)
    void theTableOfTheContractDecides(
            LastSent lastSent, Long secondsAgo, Level level, Level previous, Long interval, String expected) {
        Optional<AlertState> known = Optional.ofNullable(lastSent)
                .map(sent -> withLastSentAt(
                        free(sent, T.minusSeconds(1)),
                        Optional.ofNullable(secondsAgo).map(T::minusSeconds)));
        Change change = new Change(
                level,
                Optional.ofNullable(previous),
                T,
                Optional.ofNullable(interval).map(Duration::ofSeconds));

        assertThat(nameOf(decide(known, change))).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(LastSent.class)
    void anOlderEventIsStaleWhateverIsKnownAndLeavesTheRecordAsItIs(LastSent lastSent) {
        AlertState free = known(lastSent);
        AlertState busy = withDoubt(
                withPending(leased(OWNER, lastSent, LEASE_END), pending(CRITICAL, T)), Optional.empty(), DOUBT_END);
        Instant time = T.minusNanos(1);

        for (AlertState state : List.of(free, busy)) {
            Decision stale = new Decision.Suppress(Reason.STALE, state);
            assertThat(decide(state, at(time, CRITICAL))).isEqualTo(stale);
            assertThat(retry(Optional.of(state), at(time, CRITICAL))).isEqualTo(stale);
        }
    }

    /** In seconds from now; the record is that of an event at second 0, and CRITICAL may be in doubt. */
    @ParameterizedTest(name = "lease until {0}, {1} in doubt until {2}; event at {3}, {4}: {5}")
    @CsvSource(delimiter = '|', textBlock = """
            # lease | in doubt | until | event | level    | decision
            # A delivery under way: all others wait, whether or not a request is in doubt.
            1       |          |       | 0     | OK       | WAIT 1
            1       |          |       | 0     | CRITICAL | WAIT 1
            1       |          |       | 1     | OK       | WAIT 1
            1       | CRITICAL | 9     | 1     | OK       | WAIT 1
            # Its lease is over: the level is unknown, and any level is sent.
            0       |          |       | 0     | OK       | SEND
            -1      |          |       | 1     | CRITICAL | SEND
            # A request in doubt: only other levels wait.
                    | CRITICAL | 1     | 0     | CRITICAL | SEND
                    | CRITICAL | 1     | 1     | CRITICAL | SEND
                    | CRITICAL | 1     | 0     | OK       | WAIT 1
                    | CRITICAL | 1     | 1     | WARNING  | WAIT 1
            0       | CRITICAL | 1     | 1     | OK       | WAIT 1
            # Requests of several levels in doubt: all levels wait.
                    | ANY      | 1     | 1     | CRITICAL | WAIT 1
                    | ANY      | 1     | 1     | OK       | WAIT 1
            # No request is in doubt any more.
                    | CRITICAL | 0     | 0     | OK       | SEND
                    | ANY      | -1    | 1     | CRITICAL | SEND
            """)
    void anEventWaitsForADeliveryUnderWayAndForADoubtAboutAnotherLevel(
            Long lease, String doubted, Long doubtEnd, long second, Level level, String expected) {
        AlertState state = lease == null ? known(LastSent.UNKNOWN) : leased(OWNER, LastSent.OK, NOW.plusSeconds(lease));
        if (doubted != null) {
            state = withDoubt(state, levelOf(doubted), NOW.plusSeconds(doubtEnd));
        }

        assertThat(nameOf(decide(state, at(T.plusSeconds(second), level)))).isEqualTo(expected);
    }

    /** An event that waited for its next try; the record's newest event is at second 0. */
    @ParameterizedTest(name = "last sent {0}, pending {1}; retry of {2} at {3}: {4}")
    @CsvSource(delimiter = '|', textBlock = """
            # last sent | pending | retry of | at | decision
            # It kept its place.
            OK       | CRITICAL   | CRITICAL | 0  | SEND
            UNKNOWN  | CRITICAL   | CRITICAL | 0  | SEND
            # A later arrival of its time took its place.
            OK       | WARNING    | CRITICAL | 0  | STALE
            UNKNOWN  | WARNING    | CRITICAL | 0  | STALE
            OK       |            | CRITICAL | 0  | STALE
            # Another delivery of the same event sent it.
            CRITICAL |            | CRITICAL | 0  | UNCHANGED
            # The record of its first try is lost: it is decided anew.
                     |            | CRITICAL | 0  | SEND
                     |            | OK       | 0  | UNCHANGED
            OK       |            | CRITICAL | 1  | SEND
            CRITICAL |            | CRITICAL | 1  | UNCHANGED
            """)
    void aRetryIsDecidedInThePlaceOfItsFirstTry(
            LastSent lastSent, Level pending, Level level, long second, String expected) {
        Optional<AlertState> state = Optional.ofNullable(lastSent).map(AlertProtocolTest::known);
        if (pending != null) {
            state = state.map(record -> withPending(record, pending(pending, T)));
        }

        Decision decision = retry(state, at(T.plusSeconds(second), level));

        assertThat(nameOf(decision)).isEqualTo(expected);
        if (expected.equals("STALE")) {
            assertThat(decision).isEqualTo(new Decision.Suppress(Reason.STALE, state.orElseThrow()));
        }
    }

    @Test
    void aRetryWaitsForAnotherDeliveryOfTheSameEvent() {
        AlertState leased = withPending(leased(OTHER_OWNER, LastSent.OK, LEASE_END), pending(CRITICAL, T));

        assertThat(retry(Optional.of(leased), at(T, CRITICAL))).isEqualTo(new Decision.Wait(LEASE_END));
    }

    @Test
    void aClaimMakesTheLevelUnknownAndStoresTheEventWithALease() {
        AlertState known = withPending(
                withLastSentAt(free(LastSent.WARNING, T.minusSeconds(9)), Optional.of(T.minusSeconds(9))),
                pending(OK, T.minusSeconds(9)));

        assertThat(decide(known, at(T, CRITICAL)))
                .isEqualTo(new Decision.Send(new AlertState(
                        LastSent.UNKNOWN,
                        Optional.of(T.minusSeconds(9)),
                        T,
                        Optional.of(new Lease(OWNER, LEASE_END, LastSent.WARNING, false)),
                        Optional.empty(),
                        Optional.of(new Pending(OWNER, at(T, CRITICAL), NOW, LEASE_END, ALERT)))));
    }

    @Test
    void anEventAfterALeaseThatNobodySettledIsSentFromAnUnknownLevel() {
        assertThat(sent(decide(leased(OTHER_OWNER, LastSent.OK, NOW), at(T, OK)))
                        .lease())
                .contains(new Lease(OWNER, LEASE_END, LastSent.UNKNOWN, false));
    }

    @ParameterizedTest
    @CsvSource({"CRITICAL, 10, true", "CRITICAL, 0, false"})
    void aDoubtStaysInTheRecordUntilItsEnd(Level doubted, long seconds, boolean stays) {
        AlertState state = withDoubt(known(LastSent.UNKNOWN), Optional.of(doubted), NOW.plusSeconds(seconds));

        assertThat(sent(decide(state, at(T, CRITICAL))).inDoubt())
                .isEqualTo(stays ? state.inDoubt() : Optional.empty());
    }

    @Test
    void theSameEventKeepsItsPlaceAndItsAge() {
        Pending waiting = new Pending(1, at(T, CRITICAL), T.minusSeconds(60), T, ALERT);
        AlertState state = withPending(known(LastSent.OK), waiting);

        assertThat(sent(retry(Optional.of(state), at(T, CRITICAL))).pending())
                .contains(new Pending(1, at(T, CRITICAL), T.minusSeconds(60), LEASE_END, ALERT));
        assertThat(sent(decide(state, at(T, CRITICAL))).pending())
                .contains(new Pending(1, at(T, CRITICAL), T.minusSeconds(60), LEASE_END, ALERT));
    }

    /** A kept change was answered as pending; one that is not kept has no index entry. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKeptEventStaysKeptAndOneThatIsNotKeptIsReplaced(boolean isKept) {
        Pending before = new Pending(1, at(T, CRITICAL), T.minusSeconds(60), T, ALERT.filter(alert -> isKept));
        AlertState state = withPending(known(LastSent.OK), before);
        Optional<StoredAlert> other = isKept ? Optional.empty() : ALERT;

        Decision decision = AlertProtocol.decide(
                Optional.of(state), new ClaimRequest(at(T, CRITICAL), other, false, OWNER, LEASE_END), NOW);

        assertThat(sent(decision).pending())
                .contains(isKept ? before.due(LEASE_END) : new Pending(OWNER, at(T, CRITICAL), NOW, LEASE_END, ALERT));
    }

    @Test
    void anUnchangedEventMovesTheNewestTimeOnAndTakesThePlaceOfThePendingOne() {
        AlertState known = withDoubt(withPending(known(LastSent.OK), pending(CRITICAL, T)), Optional.of(OK), DOUBT_END);

        assertThat(decide(known, at(T.plusSeconds(1), OK)))
                .isEqualTo(new Decision.Suppress(
                        Reason.UNCHANGED, withNewest(known, T.plusSeconds(1)).withPending(Optional.empty())));
    }

    @Test
    void aFirstOkIsRememberedByItsTimeAloneSinceNothingWasSent() {
        assertThat(decide(Optional.empty(), at(T, OK)))
                .isEqualTo(new Decision.Suppress(Reason.UNCHANGED, free(LastSent.NOTHING, T)));
    }

    // Settle

    @ParameterizedTest(name = "before {0}, previous level {1}, disputed {2}; CRITICAL is {3}: {4}")
    @CsvSource(delimiter = '|', textBlock = """
            # before | previous | disputed | result   | last sent
            WARNING  |          | false    | ACCEPTED | CRITICAL
            # A definite failure restores what was known before the claim.
            WARNING  | OK       | false    | NOT_SENT | WARNING
            WARNING  | OK       | false    | REJECTED | WARNING
            CRITICAL |          | false    | NOT_SENT | CRITICAL
            OK       |          | false    | NOT_SENT | OK
            UNKNOWN  | OK       | false    | NOT_SENT | UNKNOWN
            NOTHING  |          | false    | NOT_SENT | NOTHING
            NOTHING  | WARNING  | false    | REJECTED | NOTHING
            # A room that never saw the trouble needs no recovery.
            NOTHING  | OK       | false    | NOT_SENT | OK
            NOTHING  | OK       | false    | REJECTED | OK
            # Nobody knows.
            WARNING  |          | false    | IN_DOUBT | UNKNOWN
            NOTHING  | OK       | false    | IN_DOUBT | UNKNOWN
            # Another message may have reached the room during the lease.
            UNKNOWN  | OK       | true     | ACCEPTED | UNKNOWN
            UNKNOWN  | OK       | true     | NOT_SENT | UNKNOWN
            UNKNOWN  | OK       | true     | REJECTED | UNKNOWN
            UNKNOWN  | OK       | true     | IN_DOUBT | UNKNOWN
            """)
    void theAnswerDecidesTheLevel(
            LastSent before, Level previous, boolean isDisputed, Result result, LastSent expected) {
        Change change = new Change(CRITICAL, Optional.ofNullable(previous), T, Optional.empty());
        AlertState leased =
                withLease(known(LastSent.UNKNOWN), Optional.of(new Lease(OWNER, LEASE_END, before, isDisputed)));

        AlertState settled = AlertProtocol.settle(leased, change, result.sendResult(), NEVER, NOW);

        assertThat(settled.lastSent()).isEqualTo(expected);
        assertThat(settled.lastSentAt()).isEqualTo(result == Result.ACCEPTED ? Optional.of(T) : leased.lastSentAt());
        assertThat(settled.newest()).isEqualTo(T);
        assertThat(settled.lease()).isEmpty();
    }

    @ParameterizedTest(name = "{0}, kept {1}, a next try {2}: {3}")
    @CsvSource({
        "ACCEPTED, false, false, DROPPED",
        "ACCEPTED, true,  true,  DROPPED",
        "REJECTED, false, false, DROPPED",
        "REJECTED, true,  true,  DROPPED",
        "NOT_SENT, false, true,  DUE",
        "NOT_SENT, true,  true,  DUE",
        "IN_DOUBT, false, true,  DUE",
        "IN_DOUBT, true,  true,  DUE",
        // Nobody but its delivery can send an event that is not kept.
        "NOT_SENT, false, false, DROPPED",
        "IN_DOUBT, false, false, DROPPED",
        // One that is kept may have been answered as pending before.
        "NOT_SENT, true,  false, AS_IT_WAS",
        "IN_DOUBT, true,  false, AS_IT_WAS"
    })
    void anEventWaitsForItsNextTryInTheRecord(Result result, boolean isKept, boolean isRetried, String expected) {
        Pending pending = new Pending(1, at(T, CRITICAL), T, LEASE_END, ALERT.filter(alert -> isKept));
        AlertState leased = withPending(leased(OWNER, LastSent.OK, LEASE_END), pending);
        Optional<Instant> due = isRetried ? Optional.of(DUE) : NEVER;

        AlertState settled = AlertProtocol.settle(leased, at(T, CRITICAL), result.sendResult(), due, NOW);

        assertThat(settled.pending())
                .isEqualTo(
                        switch (expected) {
                            case "DUE" -> Optional.of(pending.due(DUE));
                            case "AS_IT_WAS" -> Optional.of(pending);
                            default -> Optional.empty();
                        });
    }

    @ParameterizedTest
    @EnumSource(Result.class)
    void anotherEventThatWaitsIsLeftAlone(Result result) {
        AlertState leased = withPending(leased(OWNER, LastSent.OK, LEASE_END), pending(WARNING, T));

        AlertState settled = AlertProtocol.settle(leased, at(T, CRITICAL), result.sendResult(), Optional.of(DUE), NOW);

        assertThat(settled.pending()).contains(pending(WARNING, T));
    }

    /** In seconds from now; an unclear answer puts CRITICAL in doubt until second 10. */
    @ParameterizedTest(name = "{0} in doubt until {1}, CRITICAL is {2}: {3} in doubt until {4}")
    @CsvSource(delimiter = '|', textBlock = """
            # in doubt | until | result   | in doubt | until
                       |       | IN_DOUBT | CRITICAL | 10
                       |       | ACCEPTED |          |
            # Of one level: the longest counts.
            CRITICAL   | 5     | IN_DOUBT | CRITICAL | 10
            CRITICAL   | 20    | IN_DOUBT | CRITICAL | 20
            # Of several levels.
            WARNING    | 5     | IN_DOUBT | ANY      | 10
            WARNING    | 20    | IN_DOUBT | ANY      | 20
            ANY        | 5     | IN_DOUBT | ANY      | 10
            # It lasts whatever becomes of later tries.
            CRITICAL   | 5     | ACCEPTED | CRITICAL | 5
            CRITICAL   | 5     | NOT_SENT | CRITICAL | 5
            ANY        | 5     | REJECTED | ANY      | 5
            # But not beyond its end.
            WARNING    | 0     | IN_DOUBT | CRITICAL | 10
            CRITICAL   | 0     | ACCEPTED |          |
            """)
    void aRequestStaysInDoubtUntilItsEnd(
            String doubted, Long doubtEnd, Result result, String expected, Long expectedEnd) {
        AlertState leased = leased(OWNER, LastSent.OK, LEASE_END);
        if (doubted != null) {
            leased = withDoubt(leased, levelOf(doubted), NOW.plusSeconds(doubtEnd));
        }

        AlertState settled = AlertProtocol.settle(leased, at(T, CRITICAL), result.sendResult(), NEVER, NOW);

        assertThat(settled.inDoubt())
                .isEqualTo(Optional.ofNullable(expected)
                        .map(name -> new InDoubt(levelOf(name), NOW.plusSeconds(expectedEnd))));
    }

    private static Optional<Level> levelOf(String name) {
        return Optional.of(name).filter(text -> !text.equals("ANY")).map(Level::valueOf);
    }

    // Reconcile

    @ParameterizedTest
    @EnumSource(Result.class)
    void aSettlementWhoseLeaseStandsIsMadeUpForWhetherTheLeaseIsOverOrNot(Result result) {
        for (Instant leaseEnd : new Instant[] {LEASE_END, NOW.minusSeconds(1)}) {
            AlertState leased = withPending(leased(OWNER, LastSent.OK, leaseEnd), pending(CRITICAL, T));
            Unconfirmed fact = settlement(result, leaseEnd.isBefore(NOW), true);

            assertThat(AlertProtocol.reconcile(Optional.of(leased), fact, NOW))
                    .contains(
                            AlertProtocol.settle(leased, at(T, CRITICAL), result.sendResult(), Optional.of(DUE), NOW));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLostClaimThatLandedIsGivenBackWithoutAnEventThatIsKept(boolean isKept) {
        Pending pending = new Pending(1, at(T, CRITICAL), T, LEASE_END, ALERT.filter(alert -> isKept));
        AlertState leased = withPending(leased(OWNER, LastSent.OK, LEASE_END), pending);

        assertThat(AlertProtocol.reconcile(
                        Optional.of(leased),
                        new Unconfirmed.Settlement(
                                at(T, CRITICAL), OWNER, Result.NOT_SENT.sendResult(), NEVER, false, false),
                        NOW))
                .contains(known(LastSent.OK).withPending(Optional.of(pending).filter(waiting -> isKept)));
    }

    /** The record is stored again, with a new version, so that the lost write fails if it lands now. */
    @Test
    void aLostClaimThatDidNotLandHasTheRecordRewritten() {
        Unconfirmed lostClaim = settlement(Result.NOT_SENT, false, false);
        AlertState ofAnother = leased(OTHER_OWNER, LastSent.OK, LEASE_END);

        assertThat(AlertProtocol.reconcile(Optional.empty(), lostClaim, NOW)).contains(AlertState.INITIAL);
        assertThat(AlertProtocol.reconcile(Optional.of(known(LastSent.OK)), lostClaim, NOW))
                .contains(known(LastSent.OK));
        assertThat(AlertProtocol.reconcile(Optional.of(ofAnother), lostClaim, NOW))
                .contains(ofAnother);
    }

    @ParameterizedTest
    @EnumSource(Result.class)
    void aSettlementInTimeChangesNothingOnceOthersHaveWritten(Result result) {
        Unconfirmed fact = settlement(result, false, true);

        assertThat(AlertProtocol.reconcile(Optional.empty(), fact, NOW)).isEmpty();
        assertThat(AlertProtocol.reconcile(Optional.of(known(LastSent.OK)), fact, NOW))
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}: changes the record {1}")
    @CsvSource({"ACCEPTED, true", "IN_DOUBT, true", "NOT_SENT, false", "REJECTED, false"})
    void aLateSettlementOrAMessageWithoutALeaseMakesTheLevelUnknownIfHipChatMayHaveIt(Result result, boolean changes) {
        AlertState known = known(LastSent.OK);
        Unconfirmed fact = withoutLease(0, result);

        for (Unconfirmed either : List.of(settlement(result, true, true), fact)) {
            assertThat(AlertProtocol.reconcile(Optional.of(known), either, NOW))
                    .isEqualTo(Optional.of(unknown(known, result)).filter(any -> changes));
        }
        assertThat(AlertProtocol.reconcile(Optional.empty(), fact, NOW))
                .isEqualTo(Optional.of(withNewest(unknown(AlertState.INITIAL, result), T))
                        .filter(any -> changes));
    }

    /** A late settlement, and a message without a lease. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMessageDuringTheLeaseOfAnotherDisputesIt(boolean hadALease) {
        AlertState ofAnother = leased(OTHER_OWNER, LastSent.OK, LEASE_END);
        Unconfirmed fact = hadALease ? settlement(Result.ACCEPTED, true, true) : withoutLease(0, Result.ACCEPTED);

        assertThat(AlertProtocol.reconcile(Optional.of(ofAnother), fact, NOW))
                .contains(withLease(ofAnother, Optional.of(new Lease(OTHER_OWNER, LEASE_END, LastSent.UNKNOWN, true))));
    }

    @ParameterizedTest(name = "record at {0}, message at {1}: newest {2}")
    @CsvSource({"0, 5, 5", "5, 0, 5", "5, 5, 5"})
    void aMessageWithoutALeaseMovesTheNewestTimeOnAndNeverBack(long newest, long message, long expected) {
        AlertState state = withNewest(known(LastSent.OK), T.plusSeconds(newest));
        Unconfirmed fact = withoutLease(message, Result.ACCEPTED);

        assertThat(reconciled(state, fact).newest()).isEqualTo(T.plusSeconds(expected));
    }

    @ParameterizedTest(name = "pending since second {0}, a message of second {1}, {2}: still pending {3}")
    @CsvSource({
        "0, 1, ACCEPTED, false",
        "0, 1, IN_DOUBT, false",
        "1, 0, ACCEPTED, true",
        "1, 0, IN_DOUBT, true",
        "1, 1, IN_DOUBT, true"
    })
    void aMessageWithoutALeaseDropsWhatIsOlder(long pending, long message, Result result, boolean staysPending) {
        AlertState state = withPending(
                withNewest(known(LastSent.OK), T.plusSeconds(pending)), pending(WARNING, T.plusSeconds(pending)));
        Unconfirmed fact = withoutLease(message, result);

        assertThat(reconciled(state, fact).pending()).isEqualTo(state.pending().filter(waiting -> staysPending));
    }

    @ParameterizedTest(name = "{0}; {1} is pending, leased {2}: still pending {3}")
    @CsvSource({
        "ACCEPTED, CRITICAL, false, false",
        "ACCEPTED, CRITICAL, true,  true",
        "ACCEPTED, WARNING,  false, true",
        "IN_DOUBT, CRITICAL, false, true"
    })
    void aPendingEventIsDroppedOnlyWhenItWasSentAndNoDeliveryOfItIsUnderWay(
            Result result, Level pending, boolean isLeased, boolean staysPending) {
        AlertState state = withPending(
                isLeased ? leased(OTHER_OWNER, LastSent.OK, LEASE_END) : known(LastSent.OK), pending(pending, T));
        Unconfirmed fact = withoutLease(0, result);

        assertThat(reconciled(state, fact).pending()).isEqualTo(staysPending ? state.pending() : Optional.empty());
    }

    /** So that a long outage does not collect facts. */
    @Test
    void aCoveredFactAddsNothing() {
        List<Unconfirmed> facts = new ArrayList<>();
        for (Result result : Result.values()) {
            for (long second = 0; second < 3; second++) {
                facts.add(new Unconfirmed.WithoutLease(at(T.plusSeconds(second), CRITICAL), result.sendResult()));
                facts.add(new Unconfirmed.WithoutLease(at(T.plusSeconds(second), WARNING), result.sendResult()));
            }
        }
        int covered = 0;
        for (Unconfirmed first : facts) {
            for (Unconfirmed second : facts) {
                if (second.covers(first)) {
                    covered++;
                    for (AlertState state : statesToReconcile()) {
                        Optional<AlertState> afterFirst = AlertProtocol.reconcile(Optional.of(state), first, NOW);
                        assertThat(AlertProtocol.reconcile(afterFirst.or(() -> Optional.of(state)), second, NOW))
                                .as("%s, then %s", first, second)
                                .isEqualTo(AlertProtocol.reconcile(Optional.of(state), second, NOW));
                    }
                }
            }
        }
        assertThat(covered).isGreaterThan(30);
    }

    private List<AlertState> statesToReconcile() {
        List<AlertState> states = new ArrayList<>();
        for (AlertState state :
                List.of(known(LastSent.OK), leased(OTHER_OWNER, LastSent.OK, LEASE_END), AlertState.INITIAL)) {
            states.add(state);
            for (long second = 0; second < 3; second++) {
                Instant time = T.plusSeconds(second);
                states.add(withPending(withNewest(state, time), pending(CRITICAL, time)));
                states.add(withPending(withNewest(state, time), pending(WARNING, time)));
            }
        }
        return states;
    }

    private static AlertState reconciled(AlertState state, Unconfirmed fact) {
        return AlertProtocol.reconcile(Optional.of(state), fact, NOW).orElseThrow();
    }

    private static Unconfirmed withoutLease(long second, Result result) {
        return new Unconfirmed.WithoutLease(at(T.plusSeconds(second), CRITICAL), result.sendResult());
    }

    private Unconfirmed settlement(Result result, boolean isLate, boolean isClaimConfirmed) {
        return new Unconfirmed.Settlement(
                at(T, CRITICAL), OWNER, result.sendResult(), Optional.of(DUE), isLate, isClaimConfirmed);
    }

    private AlertState unknown(AlertState state, Result result) {
        return TestRecords.withDoubt(
                withLastSent(state, LastSent.UNKNOWN),
                Optional.of(new InDoubt(CRITICAL, DOUBT_END)).filter(doubt -> result == Result.IN_DOUBT));
    }

    // Keep

    /** In seconds from now, except the event times. The record's event is that of second 0. */
    @ParameterizedTest(name = "last sent {0}, lease until {1}, {2} in doubt until {3}; event at {4}, {5}: {6}")
    @CsvSource(delimiter = '|', textBlock = """
            # last sent | lease | in doubt | until | event | level    | decision
            # News is kept, whether or not it could be sent now.
            OK          |       |          |       | 0     | CRITICAL | KEEP
            OK          |       |          |       | 1     | CRITICAL | KEEP
            NOTHING     |       |          |       | 1     | CRITICAL | KEEP
            UNKNOWN     |       |          |       | 1     | OK       | KEEP
            UNKNOWN     | 9     |          |       | 1     | OK       | KEEP
            UNKNOWN     | 0     |          |       | 1     | OK       | KEEP
            UNKNOWN     |       | CRITICAL | 9     | 1     | OK       | KEEP
            # What a delivery under way will make of it is not known yet.
            UNKNOWN     | 9     |          |       | 0     | CRITICAL | KEEP
            # No news.
            OK          |       |          |       | 1     | OK       | UNCHANGED
            NOTHING     |       |          |       | 1     | OK       | UNCHANGED
            CRITICAL    |       |          |       | 0     | CRITICAL | UNCHANGED
            CRITICAL    |       |          |       | -1    | OK       | STALE
            UNKNOWN     | 9     |          |       | -1    | OK       | STALE
            """)
    void whatIsNewsOrMayBecomeNewsIsKept(
            LastSent lastSent, Long lease, Level doubted, Long doubtEnd, long time, Level level, String expected) {
        AlertState state = lease == null ? known(lastSent) : leased(OTHER_OWNER, LastSent.OK, NOW.plusSeconds(lease));
        if (doubted != null) {
            state = withDoubt(state, Optional.of(doubted), NOW.plusSeconds(doubtEnd));
        }
        Change change = at(T.plusSeconds(time), level);

        Decision decision = keep(state, change, false);

        if (expected.equals("KEEP")) {
            assertThat(decision)
                    .isEqualTo(new Decision.Keep(withNewest(
                            withPending(state, new Pending(OWNER, change, NOW, DUE, ALERT)), change.time())));
        } else {
            assertThat(decision).isEqualTo(decide(state, change));
            assertThat(nameOf(decision)).isEqualTo(expected);
        }
    }

    @Test
    void theFirstEventOfAnAlertIsKept() {
        assertThat(AlertProtocol.keep(Optional.empty(), request(at(T, CRITICAL), false), DUE, NOW))
                .isEqualTo(new Decision.Keep(
                        withPending(free(LastSent.NOTHING, T), new Pending(OWNER, at(T, CRITICAL), NOW, DUE, ALERT))));
    }

    @ParameterizedTest(name = "pending {0} of second {1}, then {2} of second {3}: the age is kept {4}")
    @CsvSource({
        "CRITICAL, 0, CRITICAL, 0, true",
        "CRITICAL, 0, CRITICAL, 1, false",
        "CRITICAL, 0, WARNING,  0, false",
        "CRITICAL, 0, OK,       1, false"
    })
    void theSameEventKeepsItsEntryAndItsAgeAndAnyOtherTakesItsPlace(
            Level before, long beforeTime, Level level, long time, boolean isSame) {
        Pending waiting = new Pending(1, at(T.plusSeconds(beforeTime), before), T.minusSeconds(60), T, ALERT);
        AlertState state = withPending(known(LastSent.UNKNOWN), waiting);
        Change change = at(T.plusSeconds(time), level);

        assertThat(((Decision.Keep) keep(state, change, false)).next().pending())
                .contains(isSame ? waiting.due(DUE) : new Pending(OWNER, change, NOW, DUE, ALERT));
    }

    @ParameterizedTest(name = "a retry of {0}, pending {1}: {2}")
    @CsvSource({
        "CRITICAL, CRITICAL, KEEP",
        "CRITICAL, WARNING,  STALE",
        "CRITICAL,         , STALE",
        "OK,               , UNCHANGED"
    })
    void aRetryIsKeptOnlyInItsOwnPlace(Level level, Level pending, String expected) {
        AlertState state = known(LastSent.OK);
        if (pending != null) {
            state = withPending(state, pending(pending, T));
        }

        Decision decision = keep(state, at(T, level), true);

        assertThat(decision instanceof Decision.Keep ? "KEEP" : nameOf(decision))
                .isEqualTo(expected);
    }

    private static Decision keep(AlertState known, Change change, boolean isRetry) {
        return AlertProtocol.keep(Optional.of(known), request(change, isRetry), DUE, NOW);
    }

    // Give up

    @ParameterizedTest
    @EnumSource(LastSent.class)
    void onlyThePendingEventLeavesTheRecord(LastSent lastSent) {
        for (AlertState state : List.of(
                known(lastSent),
                leased(OTHER_OWNER, lastSent, LEASE_END),
                withDoubt(known(lastSent), Optional.of(WARNING), DOUBT_END))) {
            assertThat(AlertProtocol.giveUp(withPending(state, pending(CRITICAL, T))))
                    .isEqualTo(state);
            assertThat(AlertProtocol.giveUp(state)).isEqualTo(state);
        }
    }

    private static Decision decide(AlertState known, Change change) {
        return decide(Optional.of(known), change);
    }

    private static Decision decide(Optional<AlertState> known, Change change) {
        return AlertProtocol.decide(known, request(change, false), NOW);
    }

    private static Decision retry(Optional<AlertState> known, Change change) {
        return AlertProtocol.decide(known, request(change, true), NOW);
    }

    private static ClaimRequest request(Change change, boolean isRetry) {
        return new ClaimRequest(change, ALERT, isRetry, OWNER, LEASE_END);
    }

    private static AlertState sent(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Send.class);
        return ((Decision.Send) decision).next();
    }

    /** The decision as the tables have it, with the seconds from now until the end of a wait. */
    private static String nameOf(Decision decision) {
        if (decision instanceof Decision.Suppress suppress) {
            return suppress.reason().name();
        }
        return decision instanceof Decision.Wait wait
                ? "WAIT " + Duration.between(NOW, wait.until()).toSeconds()
                : "SEND";
    }

    private static Change at(Instant time, Level level) {
        return new Change(level, Optional.empty(), time, Optional.empty());
    }

    private static Pending pending(Level level, Instant time) {
        return new Pending(1, at(time, level), T, LEASE_END, ALERT);
    }

    /** A record whose newest event is that of {@link #T}. */
    private static AlertState known(LastSent lastSent) {
        return withLastSentAt(free(lastSent, T), Optional.of(T.minusSeconds(99)));
    }

    private static AlertState leased(long owner, LastSent before, Instant until) {
        return withLease(known(LastSent.UNKNOWN), Optional.of(new Lease(owner, until, before, false)));
    }

    private static AlertState withPending(AlertState state, Pending pending) {
        return state.withPending(Optional.of(pending));
    }

    private static AlertState withDoubt(AlertState state, Optional<Level> level, Instant until) {
        return TestRecords.withDoubt(state, Optional.of(new InDoubt(level, until)));
    }
}
