package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RoomThrottleTest {

    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30Z");
    private static final Token TOKEN = new Token("s3cret");

    private final VirtualTime time = new VirtualTime(NOW);
    private final RoomThrottle throttle = new RoomThrottle(time, new java.util.Random(7));

    @Test
    void aRoomIsClosedUpToTheMomentAndOpenAtIt() {
        throttle.close("a", TOKEN, NOW.plusMillis(500));

        assertThat(throttle.closedUntil("a", TOKEN)).contains(NOW.plusMillis(500));
        time.pass(Duration.ofMillis(500));
        assertThat(throttle.closedUntil("a", TOKEN)).isEmpty();
    }

    @Test
    void ofTwoMomentsTheLaterCounts() {
        throttle.close("a", TOKEN, NOW.plusMillis(500));
        throttle.close("a", TOKEN, NOW.plusMillis(200));

        assertThat(throttle.closedUntil("a", TOKEN)).contains(NOW.plusMillis(500));
    }

    @Test
    void oneAnswerClosesARoomForOneSecondAtMost() {
        throttle.close("a", TOKEN, NOW.plus(Duration.ofHours(3)));

        assertThat(throttle.closedUntil("a", TOKEN)).contains(NOW.plus(RoomThrottle.MAX_CLOSED));
    }

    @Test
    void otherRoomsAndOtherTokensStayOpen() {
        throttle.close("a", TOKEN, NOW.plusSeconds(1));

        assertThat(throttle.closedUntil("b", TOKEN)).isEmpty();
        assertThat(throttle.closedUntil("a", new Token("other"))).isEmpty();
    }

    @Test
    void theNumberOfRememberedRoomsIsBounded() {
        for (int i = 0; i < 100_000; i++) {
            throttle.close("room" + i, TOKEN, NOW.plusSeconds(10));
        }

        assertThat(throttle.size()).isBetween(1L, 10_000L);
    }
}
