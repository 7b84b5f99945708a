package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.IntSummaryStatistics;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

    private static final Duration AMPLE = Duration.ofHours(1);

    @ParameterizedTest
    @CsvSource({
        "1, 200",
        "2, 400",
        "3, 800",
        "4, 1600",
        "5, 3200",
        "6, 5000",
        "7, 5000",
        "1000, 5000",
        "2147483647, 5000"
    })
    void theWaitLiesAnywhereBelowACapThatDoublesUpToFiveSeconds(int attempts, int cap) {
        Random chance = new Random(attempts);

        IntSummaryStatistics waits = IntStream.range(0, 5_000)
                .map(i -> (int) Backoff.after(attempts, AMPLE, chance).toMillis())
                .summaryStatistics();

        assertThat(waits.getMin()).isBetween(0, cap / 20);
        assertThat(waits.getMax()).isBetween(cap - cap / 20, cap);
        assertThat(waits.getAverage()).isBetween(cap * 0.45, cap * 0.55);
    }

    @Property
    void theWaitNeverTakesMoreTimeThanThereIs(
            @ForAll @IntRange(min = 1, max = 50) int attempts,
            @ForAll @LongRange(max = 10_000_000_000L) long spareNanos,
            @ForAll long seed) {
        Duration spare = Duration.ofNanos(spareNanos);

        assertThat(Backoff.after(attempts, spare, new Random(seed))).isBetween(Duration.ZERO, spare);
    }

    @Test
    void noSpareTimeIsNoWait() {
        assertThat(Backoff.after(3, Duration.ZERO, new Random(1))).isZero();
    }
}
