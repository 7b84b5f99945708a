package io.hipchatalerts.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.bench.soak.Event.End;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlertTest {

    private final Alert alert = new Alert("cpu", "room");
    private int number;

    @Test
    void anAlertIsLostUnlessTheRoomShowsItsNewestLevel() {
        accept(event("CRITICAL", End.SENT));
        assertThat(alert.isLost()).isFalse();

        Event recovery = event("OK", End.OPEN);
        assertThat(alert.isLost()).isTrue();

        accept(recovery);
        assertThat(alert.isLost()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        // The room shows CRITICAL, and an OK follows.
        "SENT, false, true",
        "KEPT, false, true",
        "UNCERTAIN, true, true",
        "UNCERTAIN, false, false",
        "UNREACHED, false, false",
        // It is stale only if the program has considered a newer event, and there is none.
        "STALE, false, true"
    })
    void anAnsweredOrClaimedEventIsPromised(End end, boolean isClaimed, boolean isLost) {
        accept(event("CRITICAL", End.SENT));

        event("OK", end).isClaimed = isClaimed;

        assertThat(alert.isPromiseLost()).isEqualTo(isLost);
    }

    @Test
    void anEventWhoseEndNobodyKnowsMayTakeThePlaceOfAPromisedOne() {
        event("CRITICAL", End.SENT);
        accept(event("OK", End.UNCERTAIN));

        assertThat(alert.isPromiseLost()).isFalse();
    }

    @Test
    void anEventThatIsAnsweredSentMustBeInTheRoom() {
        Event sent = event("CRITICAL", End.SENT);
        assertThat(alert.unsent()).isEqualTo(1);

        accept(sent);
        assertThat(alert.unsent()).isZero();
    }

    @Test
    void anOlderLevelAfterANewerOneIsOutOfOrder() {
        Event first = event("WARNING", End.SENT);
        Event second = event("CRITICAL", End.SENT);
        accept(second);
        assertThat(alert.disordered()).isZero();

        accept(first);
        assertThat(alert.disordered()).isEqualTo(1);
        assertThat(alert.outdated()).isEqualTo(1);
    }

    @Test
    void aRepeatOfAChangeNeedsAnExplanation() {
        // Two events of one level are one change.
        accept(event("CRITICAL", End.SENT));
        accept(event("CRITICAL", End.SENT));
        assertThat(alert.repeated()).isEqualTo(1);
        assertThat(alert.repeatedBeyond()).isEqualTo(1);

        alert.mayBeRepeated();
        assertThat(alert.repeatedBeyond()).isZero();

        alert.accepted(event("OK", End.UNCERTAIN), true);
        assertThat(alert.repeatsAllowed()).isEqualTo(2);
    }

    @Test
    void unchangedIsRightOnlyIfTheRoomShowedTheLevelSinceThePost() {
        assertThat(alert.showed("OK", 0)).isTrue();
        assertThat(alert.showed("CRITICAL", 0)).isFalse();
        accept(event("CRITICAL", End.SENT));
        accept(event("OK", End.SENT));

        assertThat(alert.showed("CRITICAL", 1)).isTrue();
        assertThat(alert.showed("CRITICAL", 2)).isFalse();
    }

    private Event event(String level, End end) {
        Event event = alert.event(++number, level);
        event.end = end;
        return event;
    }

    private void accept(Event event) {
        alert.accepted(event, false);
    }
}
