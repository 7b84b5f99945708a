package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.time.Jitter;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    void otherRoomsAndOtherTokensStayOpenAndAvailable() {
        throttle.close("a", TOKEN, NOW.plusSeconds(1));
        failed(NOW.plusSeconds(5));

        assertThat(throttle.closedUntil("b", TOKEN)).isEmpty();
        assertThat(throttle.closedUntil("a", new Token("other"))).isEmpty();
        assertThat(throttle.unavailable("b", TOKEN)).isEmpty();
        assertThat(throttle.unavailable("a", new Token("other"))).isEmpty();
    }

    @Test
    void theNumberOfRememberedRoomsIsBounded() {
        for (int i = 0; i < 100_000; i++) {
            throttle.close("room" + i, TOKEN, NOW.plusSeconds(10));
        }

        assertThat(throttle.size()).isBetween(1L, 10_000L);
    }

    // Rooms that are unavailable

    @ParameterizedTest
    @CsvSource({"1, 1000", "2, 2000", "3, 4000", "4, 8000", "5, 16000", "6, 32000", "7, 60000", "8, 60000", "99, 60000"
    })
    void theBackoffDoublesFromOneSecondToOneMinute(int failures, int longestMillis) {
        RoomThrottle most = new RoomThrottle(time, Jitter.MOST);
        RoomThrottle least = new RoomThrottle(time, Jitter.LEAST);

        for (int i = 1; i < failures; i++) {
            fail(most);
            fail(least);
        }

        assertThat(fail(most)).isEqualTo(Duration.ofMillis(longestMillis));
        assertThat(fail(least)).isZero();
    }

    @Test
    void theNextTryIsNeverBeforeTheMomentThatHipChatNamed() {
        Instant named = NOW.plusSeconds(300);

        for (int i = 0; i < 20; i++) {
            assertThat(failed(named)).isBetween(named, named.plusMillis(500));
        }
    }

    @Test
    void aNamedMomentBeforeTheBackoffDoesNotShortenIt() {
        RoomThrottle most = new RoomThrottle(time, Jitter.MOST);
        for (int i = 0; i < 9; i++) {
            fail(most);
        }

        most.unavailable("a", TOKEN).ifPresent(step -> time.pass(Duration.between(time.instant(), step.nextTry())));
        Instant now = time.instant();
        assertThat(most.failed("a", TOKEN, Optional.of(now.plusSeconds(5)), true, false))
                .isEqualTo(now.plusSeconds(60));
    }

    @Test
    void aRoomIsUnavailableUntilItsNextTryIsDue() {
        Instant named = NOW.plusSeconds(5);
        Instant nextTry = failed(named);

        assertThat(throttle.unavailable("a", TOKEN))
                .contains(new RoomThrottle.Unavailable(nextTry, 1, true, false, false));
        time.pass(Duration.between(NOW, nextTry));
        assertThat(throttle.unavailable("a", TOKEN)).isEmpty();
    }

    @Test
    void anAnswerEndsTheBackoffAndTheNextOneStartsAnew() {
        RoomThrottle most = new RoomThrottle(time, Jitter.MOST);
        assertThat(most.answered("a", TOKEN)).isFalse();
        fail(most);
        fail(most);

        assertThat(most.answered("a", TOKEN)).isTrue();

        assertThat(most.unavailable("a", TOKEN)).isEmpty();
        assertThat(fail(most)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aRefusedEventEndsAnOutageButNotTheBackoffOfPendingChangesThatAreRefusedToo() {
        Optional<Instant> named = Optional.of(NOW.plusSeconds(5));
        throttle.failed("outage", TOKEN, named, false, false);
        throttle.failed("refused", TOKEN, named, false, true);

        throttle.refused("outage", TOKEN);
        throttle.refused("refused", TOKEN);
        throttle.refused("unknown", TOKEN);

        assertThat(throttle.unavailable("outage", TOKEN)).isEmpty();
        assertThat(throttle.unavailable("refused", TOKEN))
                .hasValueSatisfying(room -> assertThat(room.isOnlyPending()).isTrue());
        assertThat(throttle.unavailable("unknown", TOKEN)).isEmpty();
    }

    @Test
    void failuresOfOneStepCountOnceAndALaterMomentThatHipChatNamesCountsAllTheSame() {
        Instant nextTry = fail();

        assertThat(fail()).isEqualTo(nextTry);
        assertThat(failures()).contains(1);
        assertThat(failed(NOW.plusSeconds(20))).isAfterOrEqualTo(NOW.plusSeconds(20));
    }

    @ParameterizedTest
    @CsvSource({"fails, 2, false", "ends without a request, , true", "never ends, , true"})
    void oneDeliveryMakesTheNextTryAndTheOthersWaitUntilItEnds(String end, Integer failures, boolean isTriedAgain) {
        time.pass(Duration.between(NOW, fail()));
        assertThat(throttle.unavailable("a", TOKEN)).isEmpty();
        assertThat(beginsNextTry()).isTrue();
        assertThat(beginsNextTry()).isFalse();
        assertThat(throttle.unavailable("a", TOKEN)).isPresent();

        switch (end) {
            case "fails" -> fail();
            case "ends without a request" -> throttle.endNextTry("a", TOKEN);
            default -> time.pass(Duration.ofSeconds(25));
        }

        assertThat(failures()).isEqualTo(Optional.ofNullable(failures));
        assertThat(beginsNextTry()).isEqualTo(isTriedAgain);
    }

    @Test
    void aRoomThatDidNotFailHasNoNextTry() {
        assertThat(beginsNextTry()).isFalse();
        assertThat(throttle.unavailable("a", TOKEN)).isEmpty();
    }

    /** Fails once the current step is over. Returns the time until the next try. */
    private Duration fail(RoomThrottle throttle) {
        throttle.unavailable("a", TOKEN).ifPresent(step -> time.pass(Duration.between(time.instant(), step.nextTry())));
        Instant nextTry = throttle.failed("a", TOKEN, Optional.empty(), false, false);
        return Duration.between(time.instant(), nextTry);
    }

    private Instant fail() {
        return throttle.failed("a", TOKEN, Optional.empty(), false, false);
    }

    private Instant failed(Instant named) {
        return throttle.failed("a", TOKEN, Optional.of(named), true, false);
    }

    private boolean beginsNextTry() {
        return throttle.beginNextTry("a", TOKEN, Duration.ofSeconds(25));
    }

    private Optional<Integer> failures() {
        return throttle.unavailable("a", TOKEN).map(RoomThrottle.Unavailable::failures);
    }
}
