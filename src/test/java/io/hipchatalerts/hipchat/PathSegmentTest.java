package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Unicode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathSegmentTest {

    private static final String UNRESERVED_OR_ESCAPED = "(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            alerts       | alerts
            2042         | 2042
            Ops Team     | Ops%20Team
            a/b          | a%2Fb
            `#ops`       | %23ops
            why?         | why%3F
            100%         | 100%25
            %2F          | %252F
            a+b          | a%2Bb
            a;v=1        | a%3Bv%3D1
            *            | %2A
            a-b.c_d~e    | a-b.c_d~e
            Müll         | M%C3%BCll
            🔥           | %F0%9F%94%A5
            """)
    void aRoomBecomesOneSegmentOfAnAddress(String room, String segment) {
        assertThat(PathSegment.encode(room)).isEqualTo(segment);
    }

    @Property(seed = "20260502")
    void whateverARoomIsCalledTheReceiverReadsItsNameBack(@ForAll("rooms") String room) {
        String segment = PathSegment.encode(room);

        assertThat(segment).matches(UNRESERVED_OR_ESCAPED);
        // It has no plus sign, which this would decode to a space.
        assertThat(URLDecoder.decode(segment, StandardCharsets.UTF_8)).isEqualTo(room);
    }

    @Property(seed = "20260502")
    void notEvenBrokenTextGetsOutOfItsSegment(@ForAll("charactersOfAnyKind") String room) {
        assertThat(PathSegment.encode(room)).matches(UNRESERVED_OR_ESCAPED);
    }

    @Provide
    static Arbitrary<String> rooms() {
        return Arbitraries.oneOf(
                Arbitraries.strings().ascii(), Arbitraries.strings().all().filter(Unicode::isWhole));
    }

    /** Halves of surrogate pairs too. */
    @Provide
    static Arbitrary<String> charactersOfAnyKind() {
        return Arbitraries.strings()
                .withCharRange(Character.MIN_VALUE, Character.MAX_VALUE)
                .ofMaxLength(50);
    }
}
