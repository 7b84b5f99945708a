package io.hipchatalerts.alert;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnicodeTest {

    @ParameterizedTest(name = "U+{0}")
    @CsvSource({"d7ff, true", "d800, false", "dbff, false", "dc00, false", "dfff, false", "e000, true"})
    void aSurrogateWithoutItsOtherHalfIsReplaced(String codePoint, boolean isWhole) {
        String text = "a" + (char) Integer.parseInt(codePoint, 16) + "b";

        assertThat(Unicode.isWhole(text)).isEqualTo(isWhole);
        assertThat(Unicode.mended(text)).isEqualTo(isWhole ? text : "a\ufffdb");
    }
}
