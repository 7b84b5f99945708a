package io.hipchatalerts.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {

    /** A caller may send as much. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "s", "1s"})
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aMillionCharactersAreReadAtOnce(String part) {
        assertThat(DurationText.parse("1s" + part.repeat(1_000_000) + "!")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1ms, PT0.001S",
        "250ms, PT0.25S",
        "1s, PT1S",
        "25s, PT25S",
        "10m, PT10M",
        "007m, PT7M",
        "1h, PT1H",
        "1h30m, PT1H30M",
        "30m1h, PT1H30M",
        "1m1m, PT2M",
        "1m1ms, PT1M0.001S",
        "1ms1m, PT1M0.001S",
        "1s500ms, PT1.5S",
        "30d, PT720H",
        "2w, PT336H",
        "1w1d1h1m1s1ms, PT193H1M1.001S"
    })
    void durationsAreReadAsKapacitorsUsersWriteThem(String text, Duration duration) {
        assertThat(DurationText.parse(text)).contains(duration);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " = ",
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            textBlock = """
            no text = |\s
            white space = 10 m| 10m|10m |10m\\n
            an amount or a unit is missing = 10|m|1hm|h1|1h30
            an amount is no whole number without a sign = -10m|+10m|1.5h|1,5h|٣m
            a unit of others = 10M|10min|10us|10ns|10y
            other words = PT10M|ten minutes|true
            no time = 0s|0ms|0h0m
            too long = 1000000000000000000s|999999999999999999w|999999999999999w999999999999999w
            """)
    void anythingElseIsNone(String reason, String texts) {
        assertThat(texts.translateEscapes().split("[|]", -1))
                .allSatisfy(text -> assertThat(DurationText.parse(text)).isEmpty());
    }

    @Property(seed = "20260502")
    void partsAddUp(@ForAll @Size(min = 1, max = 5) List<@LongRange(min = 1, max = 1_000_000) Long> amounts) {
        List<String> units = List.of("ms", "s", "m", "h", "d");
        List<TimeUnit> meanings =
                List.of(TimeUnit.MILLISECONDS, TimeUnit.SECONDS, TimeUnit.MINUTES, TimeUnit.HOURS, TimeUnit.DAYS);
        StringBuilder text = new StringBuilder();
        long millis = 0;
        for (int i = 0; i < amounts.size(); i++) {
            text.append(amounts.get(i)).append(units.get(i));
            millis += meanings.get(i).toMillis(amounts.get(i));
        }

        assertThat(DurationText.parse(text.toString())).contains(Duration.ofMillis(millis));
    }

    @Property(seed = "20260502")
    void everyTextGivesAPositiveDurationOrNone(@ForAll String text) {
        assertThat(DurationText.parse(text).filter(duration -> duration.toMillis() <= 0))
                .isEmpty();
    }

    @Test
    @Timeout(60)
    void aHostileTextEndsQuickly() {
        assertThat(DurationText.parse("1".repeat(1 << 20))).isEmpty();
        assertThat(DurationText.parse("1m".repeat(1 << 19) + "x")).isEmpty();
    }
}
