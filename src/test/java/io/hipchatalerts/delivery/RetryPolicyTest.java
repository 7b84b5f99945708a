package io.hipchatalerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.hipchat.SendResult.Accepted;
import io.hipchatalerts.hipchat.SendResult.InDoubt;
import io.hipchatalerts.hipchat.SendResult.NotSent;
import io.hipchatalerts.hipchat.SendResult.Rejected;
import java.time.Duration;
import java.time.Instant;
import java.util.IntSummaryStatistics;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {

    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30.25Z");
    private static final Duration AMPLE = Duration.ofHours(1);
    private static final RandomGenerator NO_JITTER = () -> 0L;

    @Test
    void aFinalResultIsNotRetried() {
        RetryPolicy policy = new RetryPolicy(NO_JITTER);

        assertThat(policy.after(new Accepted("204"), 1, true, NOW, AMPLE))
                .isEqualTo(new RetryPolicy.Next(false, Duration.ZERO));
        assertThat(policy.after(new Rejected(401, "401"), 1, true, NOW, AMPLE))
                .isEqualTo(new RetryPolicy.Next(false, Duration.ZERO));
    }

    /** Deliveries that HipChat did not answer themselves all know the same moment. */
    @ParameterizedTest
    @CsvSource({
        "1, true, 200",
        "2, true, 400",
        "3, true, 800",
        "4, true, 1600",
        "5, true, 3200",
        "6, true, 5000",
        "7, true, 5000",
        "1000, true, 5000",
        "2147483647, true, 5000",
        "0, false, 5000",
        "1, false, 5000"
    })
    void theWaitIsAnywhereBelowACapThatDoublesUpToFiveSeconds(int attempts, boolean isAsked, int cap) {
        RetryPolicy policy = new RetryPolicy(new Random(attempts));

        for (SendResult result : new SendResult[] {notSent(Optional.empty()), inDoubt(Optional.empty())}) {
            IntSummaryStatistics waits = IntStream.range(0, 5_000)
                    .map(i -> (int) policy.after(result, attempts, isAsked, NOW, AMPLE)
                            .pause()
                            .toMillis())
                    .summaryStatistics();

            assertThat(waits.getMin()).isBetween(0, cap / 20);
            assertThat(waits.getMax()).isBetween(cap - cap / 20, cap);
            assertThat(waits.getAverage()).isBetween(cap * 0.45, cap * 0.55);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            named    | left      | isRetried | pause
                     | PT0.201S  | true      | PT0S
                     | PT0.2S    | false     | PT5S
                     | PT0S      | false     | PT5S
            PT10S    | PT25S     | true      | PT10S
            PT24.7S  | PT25S     | true      | PT24.7S
            PT24.8S  | PT25S     | false     | PT24.8S
            PT60S    | PT25S     | false     | PT60S
            PT0S     | PT25S     | true      | PT0S
            PT-5S    | PT25S     | true      | PT0S
            PT-5S    | PT0.1S    | false     | PT5S
            """, useHeadersInDisplayName = true)
    void aTryWaitsForTheNamedMomentUnlessTooLittleTimeIsLeftThen(
            Duration named, Duration left, boolean isRetried, Duration pause) {
        Optional<Instant> moment = Optional.ofNullable(named).map(NOW::plus);
        RetryPolicy policy = new RetryPolicy(NO_JITTER);

        assertThat(policy.after(notSent(moment), 1, true, NOW, left)).isEqualTo(new RetryPolicy.Next(isRetried, pause));
        assertThat(policy.after(inDoubt(moment), 1, true, NOW, left)).isEqualTo(new RetryPolicy.Next(isRetried, pause));
    }

    @Property(seed = "20260502")
    void noTryComesBeforeTheNamedMomentOrWithLessThan200MillisecondsLeft(
            @ForAll long seed,
            @ForAll @IntRange(max = 50) int attempts,
            @ForAll boolean isAsked,
            @ForAll boolean isInDoubt,
            @ForAll @LongRange(min = -5_000, max = 60_000) long namedMillis,
            @ForAll @LongRange(max = 30_000_000_000L) long leftNanos) {
        Duration named = Duration.ofMillis(namedMillis);
        Duration left = Duration.ofNanos(leftNanos);
        Optional<Instant> moment = Optional.of(NOW.plus(named));

        RetryPolicy.Next next = new RetryPolicy(new Random(seed))
                .after(isInDoubt ? inDoubt(moment) : notSent(moment), attempts, isAsked, NOW, left);

        assertThat(next.pause()).isGreaterThanOrEqualTo(named).isGreaterThanOrEqualTo(Duration.ZERO);
        if (next.isRetried()) {
            assertThat(left.minus(next.pause())).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    private static SendResult notSent(Optional<Instant> retryAt) {
        return new NotSent("429", retryAt, true);
    }

    private static SendResult inDoubt(Optional<Instant> retryAt) {
        return new InDoubt("500", retryAt, NOW.plusSeconds(5));
    }
}
