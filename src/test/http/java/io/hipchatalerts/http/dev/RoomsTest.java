package io.hipchatalerts.http.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The rooms of the stand-in")
class RoomsTest {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00.700Z");
    private static final Instant RESET = Instant.parse("2026-01-01T12:01:00Z");

    private Instant now = START;
    private final Rooms rooms = new Rooms(() -> now, new Random(7));

    @Test
    void aRoomAcceptsThirtyMessagesAMinute() {
        post("alerts", 30);

        assertThat(rooms.floodControl("alerts")).isEqualTo(new FloodControl(0, RESET));
        assertThatThrownBy(() -> post("alerts", 1))
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.code())
                        .isEqualTo(429));
        assertThat(kept()).hasSize(30);
    }

    @Test
    void theRemainderCountsDownUntilTheResetThatTheFirstMessageSet() {
        post("alerts", 1);
        now = START.plusSeconds(40);
        post("alerts", 1);

        assertThat(rooms.floodControl("alerts")).isEqualTo(new FloodControl(28, RESET));
    }

    @Test
    void aRoomAcceptsMessagesAgainFromTheResetOn() {
        post("alerts", 30);

        now = RESET.minusNanos(1);
        assertThatThrownBy(() -> post("alerts", 1)).isInstanceOf(RefusedException.class);

        now = RESET;
        post("alerts", 1);
        assertThat(rooms.floodControl("alerts")).isEqualTo(new FloodControl(29, RESET.plus(Duration.ofMinutes(1))));
    }

    @Test
    void eachRoomHasItsOwnLimit() {
        post("alerts", 30);
        post("ops", 1);

        assertThat(rooms.floodControl("ops").remaining()).isEqualTo(29);
        assertThat(rooms.floodControl("never seen").remaining()).isEqualTo(30);
    }

    @Test
    void randomBecomesOneOfThePlainColors() {
        for (int message = 0; message < 30; message++) {
            rooms.post("alerts", notification("random"));
        }

        assertThat(kept()).extracting(RoomMessage::color).containsOnly("yellow", "green", "red", "purple", "gray");
    }

    @Test
    void aRoomKeepsItsLast200Messages() {
        for (int message = 1; message <= 201; message++) {
            now = START.plus(Duration.ofMinutes(message));
            post("alerts", 1);
        }

        assertThat(kept()).hasSize(200);
        assertThat(kept().get(0).date()).isEqualTo(START.plus(Duration.ofMinutes(2)));
    }

    @Test
    void theLeastRecentlyUsedOfMoreThanAHundredRoomsIsRemoved() {
        post("early but busy", 1);
        post("early and quiet", 1);
        for (int room = 1; room <= 98; room++) {
            post("room " + room, 1);
        }

        post("early but busy", 1);
        post("one too many", 1);

        assertThat(kept())
                .extracting(RoomMessage::room)
                .contains("early but busy", "room 1", "one too many")
                .doesNotContain("early and quiet");
        assertThat(kept().stream().map(RoomMessage::room).distinct()).hasSize(100);
    }

    @Test
    void aListenerGetsTheStoredMessagesAndThenTheNewOnes() {
        List<RoomMessage> heard = new ArrayList<>();
        post("alerts", 2);

        assertThat(rooms.listen(heard::add)).hasSize(2);
        assertThat(heard).isEmpty();

        post("ops", 1);
        assertThat(heard).extracting(RoomMessage::room).containsExactly("ops");
    }

    @Test
    void aRemovedListenerGetsNothing() {
        List<RoomMessage> heard = new ArrayList<>();
        Consumer<RoomMessage> listener = heard::add;
        rooms.listen(listener);

        rooms.leave(listener);
        post("alerts", 1);

        assertThat(heard).isEmpty();
    }

    private void post(String room, int messages) {
        for (int message = 0; message < messages; message++) {
            rooms.post(room, notification("green"));
        }
    }

    private static PostedNotification notification(String color) {
        return new PostedNotification("hello", "text", color, false, "");
    }

    private List<RoomMessage> kept() {
        return rooms.listen(message -> {});
    }
}
