package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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

    @Test
    void failuresOfOneStepCountOnce() {
        Instant nextTry = fail();

        assertThat(fail()).isEqualTo(nextTry);
        assertThat(throttle.unavailable("a", TOKEN).orElseThrow().failures()).isEqualTo(1);
    }

    @Test
    void aLaterMomentThatHipChatNamesCountsWithinAStepToo() {
        fail();

        Instant named = NOW.plusSeconds(20);
        assertThat(throttle.failed("a", TOKEN, Optional.of(named), true, false)).isAfterOrEqualTo(named);
    }

    @Test
    void oneDeliveryMakesTheNextTryOfARoomAndTheOthersWait() {
        time.pass(Duration.between(NOW, fail()));

        assertThat(throttle.unavailable("a", TOKEN)).isEmpty();
        assertThat(throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25))).isTrue();
        assertThat(throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25))).isFalse();
        assertThat(throttle.unavailable("a", TOKEN)).isPresent();
    }

    @Test
    void aFailedNextTryIsANewStep() {
        time.pass(Duration.between(NOW, fail()));
        throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25));

        fail();
        assertThat(throttle.unavailable("a", TOKEN).orElseThrow().failures()).isEqualTo(2);
    }

    @Test
    void aNextTryWithoutARequestLeavesTheTryToOthers() {
        time.pass(Duration.between(NOW, fail()));
        throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25));
        throttle.endNextTry("a", TOKEN);

        assertThat(throttle.unavailable("a", TOKEN)).isEmpty();
        assertThat(throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25))).isTrue();
    }

    @Test
    void aNextTryThatIsNeverEndedEndsByItself() {
        time.pass(Duration.between(NOW, fail()));
        throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25));
        time.pass(Duration.ofSeconds(25));

        assertThat(throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25))).isTrue();
    }

    @Test
    void aRoomThatDidNotFailHasNoNextTry() {
        assertThat(throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25))).isFalse();
        assertThat(throttle.unavailable("a", TOKEN)).isEmpty();
    }

    private Instant fail() {
        return throttle.failed("a", TOKEN, Optional.empty(), false, false);
    }
}
