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
    void take_thirty_messages_a_minute_each_and_not_one_more() {
        post("alerts", 30);

        assertThat(rooms.floodControl("alerts")).isEqualTo(new FloodControl(0, RESET));
        assertThatThrownBy(() -> post("alerts", 1))
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.code())
                        .isEqualTo(429));
        assertThat(kept()).hasSize(30);
    }

    @Test
    void count_down_from_thirty_until_the_reset_that_the_first_message_set() {
        post("alerts", 1);
        now = START.plusSeconds(40);
        post("alerts", 1);

        assertThat(rooms.floodControl("alerts")).isEqualTo(new FloodControl(28, RESET));
    }

    @Test
    void take_messages_again_from_the_reset_on_but_not_before() {
        post("alerts", 30);

        now = RESET.minusNanos(1);
        assertThatThrownBy(() -> post("alerts", 1)).isInstanceOf(RefusedException.class);

        now = RESET;
        post("alerts", 1);
        assertThat(rooms.floodControl("alerts")).isEqualTo(new FloodControl(29, RESET.plus(Duration.ofMinutes(1))));
    }

    @Test
    void do_not_share_their_limits() {
        post("alerts", 30);
        post("ops", 1);

        assertThat(rooms.floodControl("ops").remaining()).isEqualTo(29);
        assertThat(rooms.floodControl("never seen").remaining()).isEqualTo(30);
    }

    @Test
    void turn_random_into_one_of_the_plain_colors_for_good() {
        for (int message = 0; message < 30; message++) {
            rooms.post("alerts", notification("random"));
        }

        assertThat(kept()).extracting(Message::color).containsOnly("yellow", "green", "red", "purple", "gray");
    }

    @Test
    void keep_the_last_200_messages_each() {
        for (int message = 1; message <= 201; message++) {
            now = START.plus(Duration.ofMinutes(message));
            post("alerts", 1);
        }

        assertThat(kept()).hasSize(200);
        assertThat(kept().get(0).date()).isEqualTo(START.plus(Duration.ofMinutes(2)));
    }

    @Test
    void are_a_hundred_at_most_and_the_one_that_was_quiet_for_longest_goes_first() {
        post("early but busy", 1);
        post("early and quiet", 1);
        for (int room = 1; room <= 98; room++) {
            post("room " + room, 1);
        }

        post("early but busy", 1);
        post("one too many", 1);

        assertThat(kept())
                .extracting(Message::room)
                .contains("early but busy", "room 1", "one too many")
                .doesNotContain("early and quiet");
        assertThat(kept().stream().map(Message::room).distinct()).hasSize(100);
    }

    @Test
    void tell_a_listener_what_is_kept_and_then_what_comes() {
        List<Message> heard = new ArrayList<>();
        post("alerts", 2);

        assertThat(rooms.listen(heard::add)).hasSize(2);
        assertThat(heard).isEmpty();

        post("ops", 1);
        assertThat(heard).extracting(Message::room).containsExactly("ops");
    }

    @Test
    void tell_nothing_to_a_listener_that_has_left() {
        List<Message> heard = new ArrayList<>();
        Consumer<Message> listener = heard::add;
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

    private static Notification notification(String color) {
        return new Notification("hello", "text", color, false, "");
    }

    private List<Message> kept() {
        return rooms.listen(message -> {});
    }
}
