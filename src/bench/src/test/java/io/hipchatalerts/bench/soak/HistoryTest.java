package io.hipchatalerts.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.bench.soak.Event.End;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryTest {

    private static final Instant START = Instant.EPOCH;

    private final Alert alert = new Alert("cpu", "room");
    private final List<History.Message> messages = new ArrayList<>();
    private final History history = new History(alert, messages);

    @Test
    void anAlertIsLostUnlessTheRoomShowsItsNewestLevel() {
        accept(event("CRITICAL", End.SENT));
        assertThat(history.isLost()).isFalse();

        Event recovery = event("OK", End.UNCERTAIN);
        assertThat(history.isLost()).isTrue();

        accept(recovery);
        assertThat(history.isLost()).isFalse();
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

        assertThat(history.isPromiseLost()).isEqualTo(isLost);
    }

    @Test
    void anEventWhoseEndNobodyKnowsMayTakeThePlaceOfAPromisedOne() {
        event("CRITICAL", End.SENT);
        accept(event("OK", End.UNCERTAIN));

        assertThat(history.isPromiseLost()).isFalse();
    }

    @Test
    void anEventThatIsAnsweredSentMustBeInTheRoom() {
        Event sent = event("CRITICAL", End.SENT);
        assertThat(history.unsent()).isEqualTo(1);

        accept(sent);
        assertThat(history.unsent()).isZero();
    }

    @Test
    void anOlderLevelAfterANewerOneIsOutOfOrder() {
        Event first = event("WARNING", End.SENT);
        accept(event("CRITICAL", End.SENT));
        assertThat(history.disordered()).isZero();

        accept(first);
        assertThat(history.disordered()).isEqualTo(1);
    }

    @Test
    void aRepeatOfAChangeNeedsAnExplanation() {
        // Two events of one level are one change.
        accept(event("CRITICAL", End.SENT));
        accept(event("CRITICAL", End.SENT));
        assertThat(history.repeated()).isEqualTo(1);
        assertThat(history.repeatedBeyond()).isEqualTo(1);

        alert.repeatsAllowed.incrementAndGet();
        assertThat(history.repeatedBeyond()).isZero();

        messages.add(new History.Message(event("OK", End.UNCERTAIN), START, true));
        assertThat(history.repeatsAllowed()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        // The room shows OK, CRITICAL from the second 1 on, and OK from the second 2 on.
        "CRITICAL, 0, 0, 1",
        "CRITICAL, 0, 1, 0",
        "CRITICAL, 1, 1, 0",
        "CRITICAL, 2, 3, 0",
        "CRITICAL, 3, 3, 1",
        "OK, 0, 0, 0",
        "WARNING, 0, 3, 1"
    })
    void unchangedIsRightOnlyIfTheRoomShowedTheLevelSinceThePost(String level, int posted, int answered, int wrong) {
        accept(event("CRITICAL", End.SENT));
        accept(event("OK", End.SENT));

        Event event = event(level, End.UNCHANGED);
        event.posted = START.plusSeconds(posted);
        event.answered = START.plusSeconds(answered);

        assertThat(history.wronglyUnchanged()).isEqualTo(wrong);
    }

    private Event event(String level, End end) {
        Event event = alert.event(alert.events.size() + 1, level);
        event.end = end;
        return event;
    }

    private void accept(Event event) {
        messages.add(new History.Message(event, START.plusSeconds(messages.size() + 1), false));
    }
}
