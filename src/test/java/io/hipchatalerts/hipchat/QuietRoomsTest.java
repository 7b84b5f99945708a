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
    void aRoomIsQuietUpToTheMomentAndNotAtIt() {
        rooms.heard("a", TOKEN, NOW.plusMillis(500));

        assertThat(rooms.until("a", TOKEN)).contains(NOW.plusMillis(500));
        time.pass(Duration.ofMillis(500));
        assertThat(rooms.until("a", TOKEN)).isEmpty();
    }

    @Test
    void ofTwoMomentsTheLaterCountsInWhicheverOrderTheyCome() {
        rooms.heard("a", TOKEN, NOW.plusMillis(500));
        rooms.heard("a", TOKEN, NOW.plusMillis(200));

        assertThat(rooms.until("a", TOKEN)).contains(NOW.plusMillis(500));
    }

    @Test
    void oneAnswerSpeaksForOthersForASecondHoweverFarTheResetIs() {
        rooms.heard("a", TOKEN, NOW.plus(Duration.ofHours(3)));

        assertThat(rooms.until("a", TOKEN)).contains(NOW.plus(QuietRooms.LONGEST));
    }

    @Test
    void roomsBeyondTheNumberThatIsRememberedAreAskedAgain() {
        int many = 100_000;
        for (int i = 0; i < many; i++) {
            rooms.heard("room" + i, TOKEN, NOW.plusSeconds(10));
        }

        assertThat(rooms.size()).isBetween(1L, 10_000L);
    }
}
