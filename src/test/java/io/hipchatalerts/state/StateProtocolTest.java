package io.hipchatalerts.state;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.INFO;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.outcome.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of contract §5, row by row, and what the endings of a delivery leave behind. */
class StateProtocolTest {

    private static final Instant T = Instant.parse("2026-05-02T09:15:30Z");
    private static final Instant NOW = Instant.parse("2026-05-02T09:15:31Z");
    private static final Instant HOLD_END = NOW.plusSeconds(33);
    private static final Optional<Duration> NEVER = Optional.empty();
    private static final Optional<Duration> TEN_MINUTES = Optional.of(Duration.ofMinutes(10));

    @ParameterizedTest(name = "told {0}, last sent {1} s ago, event {2} (previous {3}), interval {4}: {5}")
    @MethodSource("decisions")
    void decidesByWhatIsKnown(
            Told told, long lastSentAgo, Level level, Level previous, Optional<Duration> interval, String expected) {
        Optional<AlertRecord> known = told == null
                ? Optional.empty()
                : Optional.of(new AlertRecord(
                        told, T.minusSeconds(1), 1, Optional.of(T.minusSeconds(lastSentAgo)), Optional.empty()));

        Decision decision = StateProtocol.decide(
                known, new Change(level, Optional.ofNullable(previous), T, 0, interval), NOW, HOLD_END);

        assertThat(nameOf(decision)).isEqualTo(expected);
    }

    static Stream<Arguments> decisions() {
        return Stream.of(
                // Nothing known: not OK, or OK after trouble that Kapacitor knows of.
                arguments(null, 0, CRITICAL, null, NEVER, "send"),
                arguments(null, 0, CRITICAL, CRITICAL, NEVER, "send"),
                arguments(null, 0, INFO, OK, NEVER, "send"),
                arguments(null, 0, OK, CRITICAL, NEVER, "send"),
                arguments(null, 0, OK, INFO, NEVER, "send"),
                arguments(null, 0, OK, OK, NEVER, "unchanged"),
                arguments(null, 0, OK, null, NEVER, "unchanged"),
                arguments(Told.NOTHING, 0, OK, null, NEVER, "unchanged"),
                arguments(Told.NOTHING, 0, OK, WARNING, NEVER, "send"),
                arguments(Told.NOTHING, 0, WARNING, null, NEVER, "send"),
                // Level unknown: any level, OK too.
                arguments(Told.UNKNOWN, 0, OK, OK, NEVER, "send"),
                arguments(Told.UNKNOWN, 0, CRITICAL, CRITICAL, NEVER, "send"),
                // Another level.
                arguments(Told.CRITICAL, 1, WARNING, CRITICAL, NEVER, "send"),
                arguments(Told.CRITICAL, 1, OK, OK, NEVER, "send"),
                arguments(Told.OK, 1, INFO, INFO, NEVER, "send"),
                // The same level.
                arguments(Told.CRITICAL, 1, CRITICAL, OK, NEVER, "unchanged"),
                arguments(Told.OK, 1, OK, CRITICAL, NEVER, "unchanged"),
                arguments(Told.CRITICAL, 999_999, CRITICAL, CRITICAL, NEVER, "unchanged"),
                // The same level and an interval: in event time, and OK is never repeated.
                arguments(Told.CRITICAL, 599, CRITICAL, CRITICAL, TEN_MINUTES, "unchanged"),
                arguments(Told.CRITICAL, 600, CRITICAL, CRITICAL, TEN_MINUTES, "send"),
                arguments(Told.CRITICAL, 601, CRITICAL, CRITICAL, TEN_MINUTES, "send"),
                arguments(Told.INFO, 600, INFO, INFO, TEN_MINUTES, "send"),
                arguments(Told.OK, 601, OK, OK, TEN_MINUTES, "unchanged"));
    }

    @ParameterizedTest
    @EnumSource(Told.class)
    void anOlderEventIsStaleWhateverIsKnown(Told told) {
        AlertRecord known = new AlertRecord(told, T, 1, Optional.empty(), Optional.empty());

        Decision decision = StateProtocol.decide(Optional.of(known), at(T.minusNanos(1), CRITICAL), NOW, HOLD_END);

        assertThat(decision).isEqualTo(new Decision.Suppress(Reason.STALE, known));
    }

    @Test
    void anEventOfEqualTimeIsDecidedByItsLevel() {
        AlertRecord known = new AlertRecord(Told.CRITICAL, T, 1, Optional.of(T), Optional.empty());

        assertThat(nameOf(StateProtocol.decide(Optional.of(known), at(T, OK), NOW, HOLD_END)))
                .isEqualTo("send");
        assertThat(nameOf(StateProtocol.decide(Optional.of(known), at(T, CRITICAL), NOW, HOLD_END)))
                .isEqualTo("unchanged");
    }

    @ParameterizedTest(name = "arrival {0} where {1} events of that time came: arrival {2}, {3}")
    @CsvSource({"0, 1, 2, send", "0, 2, 3, send", "2, 2, 2, send", "1, 2, 2, stale", "1, 3, 3, stale"})
    void ofEventsOfEqualTimeTheLaterArrivalCounts(int arrival, int known, int next, String expected) {
        AlertRecord record = new AlertRecord(Told.OK, T, known, Optional.of(T), Optional.empty());

        Decision decision = StateProtocol.decide(
                Optional.of(record), new Change(CRITICAL, Optional.empty(), T, arrival, NEVER), NOW, HOLD_END);

        assertThat(nameOf(decision)).isEqualTo(expected);
        assertThat(decision)
                .isEqualTo(
                        expected.equals("stale")
                                ? new Decision.Suppress(Reason.STALE, record)
                                : new Decision.Send(new AlertRecord(
                                        Told.UNKNOWN,
                                        T,
                                        next,
                                        Optional.of(T),
                                        Optional.of(new AlertRecord.Hold(Told.OK, HOLD_END)))));
    }

    @Test
    void anUnchangedEventOfEqualTimeIsAnArrivalToo() {
        AlertRecord known = new AlertRecord(Told.NOTHING, T, 1, Optional.empty(), Optional.empty());

        Decision decision = StateProtocol.decide(Optional.of(known), at(T, OK), NOW, HOLD_END);

        assertThat(decision)
                .isEqualTo(new Decision.Suppress(
                        Reason.UNCHANGED, new AlertRecord(Told.NOTHING, T, 2, Optional.empty(), Optional.empty())));
    }

    @Test
    void waitsForADeliveryUnderWayUnlessTheEventIsOlder() {
        AlertRecord held = held(Told.OK, NOW.plusNanos(1));

        assertThat(StateProtocol.decide(Optional.of(held), at(T, OK), NOW, HOLD_END))
                .isEqualTo(new Decision.Wait(NOW.plusNanos(1)));
        assertThat(StateProtocol.decide(Optional.of(held), at(T.plusSeconds(1), OK), NOW, HOLD_END))
                .isEqualTo(new Decision.Wait(NOW.plusNanos(1)));
        assertThat(StateProtocol.decide(Optional.of(held), at(T.minusSeconds(1), OK), NOW, HOLD_END))
                .isEqualTo(new Decision.Suppress(Reason.STALE, held));
    }

    @Test
    void aHoldThatRanOutLeavesTheLevelUnknownSoThatAnyLevelIsTold() {
        AlertRecord abandoned = held(Told.OK, NOW);

        Decision decision = StateProtocol.decide(Optional.of(abandoned), at(T, OK), NOW, HOLD_END);

        assertThat(decision)
                .isEqualTo(new Decision.Send(new AlertRecord(
                        Told.UNKNOWN,
                        T,
                        2,
                        Optional.empty(),
                        Optional.of(new AlertRecord.Hold(Told.UNKNOWN, HOLD_END)))));
    }

    @Test
    void aClaimMakesTheLevelUnknownAndMovesTheNewestTimeOn() {
        AlertRecord known =
                new AlertRecord(Told.WARNING, T.minusSeconds(9), 1, Optional.of(T.minusSeconds(9)), Optional.empty());

        Decision decision = StateProtocol.decide(Optional.of(known), at(T, CRITICAL), NOW, HOLD_END);

        assertThat(decision)
                .isEqualTo(new Decision.Send(new AlertRecord(
                        Told.UNKNOWN,
                        T,
                        1,
                        Optional.of(T.minusSeconds(9)),
                        Optional.of(new AlertRecord.Hold(Told.WARNING, HOLD_END)))));
    }

    @Test
    void aSuppressedEventMovesTheNewestTimeOnAndNothingElse() {
        AlertRecord known =
                new AlertRecord(Told.OK, T.minusSeconds(9), 1, Optional.of(T.minusSeconds(99)), Optional.empty());

        Decision decision = StateProtocol.decide(Optional.of(known), at(T, OK), NOW, HOLD_END);

        assertThat(decision)
                .isEqualTo(new Decision.Suppress(
                        Reason.UNCHANGED,
                        new AlertRecord(Told.OK, T, 1, Optional.of(T.minusSeconds(99)), Optional.empty())));
    }

    @Test
    void aFirstOkIsRememberedByItsTimeAloneSinceTheRoomWasToldNothing() {
        Decision decision = StateProtocol.decide(Optional.empty(), at(T, OK), NOW, HOLD_END);

        assertThat(decision)
                .isEqualTo(new Decision.Suppress(
                        Reason.UNCHANGED, new AlertRecord(Told.NOTHING, T, 1, Optional.empty(), Optional.empty())));
    }

    @Test
    void onlyAnAcceptedMessageIsMarkedAsTold() {
        AlertRecord claimed = held(Told.WARNING, HOLD_END);

        assertThat(StateProtocol.settle(claimed, CRITICAL, Ending.ACCEPTED))
                .isEqualTo(new AlertRecord(Told.CRITICAL, T, 1, Optional.of(T), Optional.empty()));
        assertThat(StateProtocol.settle(claimed, CRITICAL, Ending.UNCLEAR))
                .isEqualTo(new AlertRecord(Told.UNKNOWN, T, 1, Optional.empty(), Optional.empty()));
    }

    @ParameterizedTest
    @EnumSource(Told.class)
    void aDefiniteFailurePutsBackWhatWasKnownBefore(Told before) {
        AlertRecord claimed = held(before, HOLD_END);

        AlertRecord settled = StateProtocol.settle(claimed, CRITICAL, Ending.NOT_ACCEPTED);

        assertThat(settled).isEqualTo(new AlertRecord(before, T, 1, Optional.empty(), Optional.empty()));
    }

    private static AlertRecord held(Told before, Instant end) {
        return new AlertRecord(Told.UNKNOWN, T, 1, Optional.empty(), Optional.of(new AlertRecord.Hold(before, end)));
    }

    private static Change at(Instant time, Level level) {
        return new Change(level, Optional.empty(), time, 0, NEVER);
    }

    private static String nameOf(Decision decision) {
        if (decision instanceof Decision.Suppress suppress) {
            return suppress.reason().toString();
        }
        return decision instanceof Decision.Send ? "send" : "wait";
    }
}
