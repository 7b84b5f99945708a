package io.hipchatalerts.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventTimeTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2026-05-02T09:15:30Z                 | 2026-05-02T09:15:30Z
            2026-05-02T09:15:30.1Z               | 2026-05-02T09:15:30.1Z
            2026-05-02T09:15:30.12Z              | 2026-05-02T09:15:30.12Z
            2026-05-02T09:15:30.123Z             | 2026-05-02T09:15:30.123Z
            2026-05-02T09:15:30.1234Z            | 2026-05-02T09:15:30.1234Z
            2026-05-02T09:15:30.12345Z           | 2026-05-02T09:15:30.12345Z
            2026-05-02T09:15:30.123456Z          | 2026-05-02T09:15:30.123456Z
            2026-05-02T09:15:30.1234567Z         | 2026-05-02T09:15:30.1234567Z
            2026-05-02T09:15:30.12345678Z        | 2026-05-02T09:15:30.12345678Z
            2026-05-02T09:15:30.123456789Z       | 2026-05-02T09:15:30.123456789Z
            2026-05-02T09:15:30.000000000Z       | 2026-05-02T09:15:30Z
            2026-05-02T09:15:30                  | 2026-05-02T09:15:30Z
            2026-05-02T09:15:30.5                | 2026-05-02T09:15:30.5Z
            2026-05-02t09:15:30z                 | 2026-05-02T09:15:30Z
            2026-05-02 09:15:30Z                 | 2026-05-02T09:15:30Z
            2026-05-02T09:15:30+00:00            | 2026-05-02T09:15:30Z
            2026-05-02T09:15:30-00:00            | 2026-05-02T09:15:30Z
            2026-05-02T09:15:30-05:00            | 2026-05-02T14:15:30Z
            2026-05-02T09:15:30+05:45            | 2026-05-02T03:30:30Z
            2026-05-02T09:15:30+18:01            | 2026-05-01T15:14:30Z
            2026-05-02T09:15:30+23:59            | 2026-05-01T09:16:30Z
            2026-05-02T09:15:30-23:59            | 2026-05-03T09:14:30Z
            2024-02-29T00:00:00Z                 | 2024-02-29T00:00:00Z
            2000-02-29T00:00:00Z                 | 2000-02-29T00:00:00Z
            0001-01-01T00:00:00Z                 | 0001-01-01T00:00:00Z
            0000-01-01T00:00:00+00:01            | -0001-12-31T23:59:00Z
            9999-12-31T23:59:59.999999999-23:59  | +10000-01-01T23:58:59.999999999Z
            """)
    void aTimeOfRfc3339IsReadToTheNanosecond(String text, Instant moment) {
        assertThat(EventTime.parse(text)).contains(moment);
    }

    /** The texts are what Go's {@code time.Time.String()} writes. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2018-11-07 09:15:30 +0000 UTC                      | 2018-11-07T09:15:30Z
            2018-11-07 09:15:30.5 +0000 UTC                    | 2018-11-07T09:15:30.5Z
            2018-11-07 09:15:30.123456789 +0000 UTC            | 2018-11-07T09:15:30.123456789Z
            2018-11-07 10:15:30 +0100 CET                      | 2018-11-07T09:15:30Z
            2018-11-07 04:15:30 -0500 EST                      | 2018-11-07T09:15:30Z
            2018-11-07 15:00:30 +0545 +0545                    | 2018-11-07T09:15:30Z
            2018-11-07 07:15:30 -0200 -02                      | 2018-11-07T09:15:30Z
            2018-11-07 09:15:30 +0100 +0100                    | 2018-11-07T08:15:30Z
            2018-11-08 09:14:30 +2359 +2359                    | 2018-11-07T09:15:30Z
            0001-01-01 00:00:00 +0000 UTC                      | 0001-01-01T00:00:00Z
            2018-11-07 09:15:30.1 +0000 UTC m=+0.005650530     | 2018-11-07T09:15:30.1Z
            2018-11-07 09:15:30 +0000 UTC m=-359999.994349470  | 2018-11-07T09:15:30Z
            """)
    void aTimeInGosDefaultFormIsReadToTheNanosecond(String text, Instant moment) {
        assertThat(EventTime.parse(text)).contains(moment);
        assertThat(EventTime.parseRfc3339(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2016-12-31T23:59:60Z,       2017-01-01T00:00:00Z",
        "2016-12-31T23:59:60.5Z,     2017-01-01T00:00:00.5Z",
        "2016-12-31T23:59:60,        2017-01-01T00:00:00Z",
        "1990-12-31T15:59:60-08:00,  1991-01-01T00:00:00Z",
        "2015-07-01T05:29:60+05:30,  2015-07-01T00:00:00Z"
    })
    void aLeapSecondIsTheOneAfter59(String text, Instant moment) {
        assertThat(EventTime.parse(text)).contains(moment);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " : ",
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            textBlock = """
            no date and time : ;now;1700000000;2026-05-02;09:15:30Z
            no seconds : 2026-05-02T09:15Z;2026-05-02T09Z
            a fraction : 2026-05-02T09:15:30.Z;2026-05-02T09:15:30.1234567890Z;2026-05-02T09:15:30,5Z
            the clock : 2026-05-02T24:00:00Z;2026-05-02T23:60:00Z
            the offset's size : 2026-05-02T09:15:30+24:00;2026-05-02T09:15:30+05:60
            the offset's form : 2026-05-02T09:15:30+0500;2026-05-02T09:15:30+05;2026-05-02T09:15:30 +05:00
            a zone's name : 2026-05-02T09:15:30UTC;2026-05-02 09:15:30 UTC;2026-05-02T09:15:30Z[UTC]
            Go's zone : 2026-05-02 09:15:30 +0000;2026-05-02 09:15:30 +0000 ;2026-05-02 09:15:30 +0000 U TC
            Go's offset : 2026-05-02 09:15:30 +00:00 UTC;2026-05-02 09:15:30 +000 UTC;2026-05-02 09:15:30 0000 UTC
            Go's offset's size : 2026-05-02 09:15:30 +2400 UTC;2026-05-02 09:15:30 +0060 UTC
            Go's spaces : 2026-05-02 09:15:30+0000 UTC;2026-05-02  09:15:30 +0000 UTC;2026-05-02T09:15:30 +0000 UTC
            Go's fraction : 2026-05-02 09:15:30. +0000 UTC;2026-05-02 09:15:30.1234567890 +0000 UTC
            Go's clock : 2026-05-02 09:15:30 +0000 UTC m=0.1;2026-05-02 09:15:30 +0000 UTC m=+0
            Go's end : 2026-05-02 09:15:30 +0000 UTC m=+0.1 ;2026-05-02 09:15:30 +0000 UTC\\n
            Go's date : 2026-13-02 09:15:30 +0000 UTC;12026-05-02 09:15:30 +0000 UTC
            around it : 2026-05-02_09:15:30Z; 2026-05-02T09:15:30Z;2026-05-02T09:15:30Z\\n
            the digits : 2026-5-2T09:15:30Z;26-05-02T09:15:30Z;12026-05-02T09:15:30Z;٢٠٢٦-05-02T09:15:30Z
            a sign : +2026-05-02T09:15:30Z;-2026-05-02T09:15:30Z
            other forms of ISO 8601 : 20260502T091530Z;2026-W18-6T09:15:30Z
            no such month : 2026-00-02T09:15:30Z;2026-13-02T09:15:30Z
            no such day : 2026-05-00T09:15:30Z;2026-04-31T09:15:30Z;2026-02-29T09:15:30Z;1900-02-29T09:15:30Z
            second 60 not at the end of a month in UTC : 2016-12-31T12:00:60Z;2016-12-31T23:58:60Z;\
            2016-12-31T23:59:60+01:00;2016-12-30T23:59:60Z;2016-12-31T23:59:61Z
            """)
    void anythingElseIsNone(String wrong, String texts) {
        assertThat(texts.translateEscapes().split(";", -1))
                .allSatisfy(text -> assertThat(EventTime.parse(text)).isEmpty());
    }

    @Property(seed = "20260502")
    void everyMomentThatJavaWritesIsReadBack(
            @ForAll @LongRange(min = -62_135_000_000L, max = 253_402_000_000L) long second,
            @ForAll @IntRange(max = 999_999_999) int nano,
            @ForAll @IntRange(min = -18 * 60, max = 18 * 60) int offsetMinutes) {
        Instant moment = Instant.ofEpochSecond(second, nano);
        OffsetDateTime local = moment.atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));

        String text = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(local);

        assertThat(EventTime.parse(text)).contains(moment);
    }

    @Property(seed = "20260502")
    void noTextBreaksTheReader(@ForAll String text) {
        assertThat(EventTime.parse(text)).isEmpty();
    }
}
