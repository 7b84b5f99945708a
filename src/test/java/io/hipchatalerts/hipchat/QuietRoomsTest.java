package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class QuietRoomsTest {

    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30Z");
    private static final Token TOKEN = new Token("s3cret");

    private final VirtualTime time = new VirtualTime(NOW);
    private final QuietRooms rooms = new QuietRooms(time);

    @Test
    void a_room_is_quiet_up_to_the_moment_and_not_at_it() {
        rooms.heard("a", TOKEN, NOW.plusMillis(500));

        assertThat(rooms.until("a", TOKEN)).contains(NOW.plusMillis(500));
        time.pass(Duration.ofMillis(500));
        assertThat(rooms.until("a", TOKEN)).isEmpty();
    }

    @Test
    void of_two_moments_the_later_counts_in_whichever_order_they_come() {
        rooms.heard("a", TOKEN, NOW.plusMillis(500));
        rooms.heard("a", TOKEN, NOW.plusMillis(200));

        assertThat(rooms.until("a", TOKEN)).contains(NOW.plusMillis(500));
    }

    @Test
    void one_answer_speaks_for_others_for_a_second_however_far_the_reset_is() {
        rooms.heard("a", TOKEN, NOW.plus(Duration.ofHours(3)));

        assertThat(rooms.until("a", TOKEN)).contains(NOW.plus(QuietRooms.LONGEST));
    }

    @Test
    void rooms_beyond_the_number_that_is_remembered_are_asked_again() {
        int many = 100_000;
        for (int i = 0; i < many; i++) {
            rooms.heard("room" + i, TOKEN, NOW.plusSeconds(10));
        }

        assertThat(rooms.size()).isBetween(1L, 10_000L);
    }
}
