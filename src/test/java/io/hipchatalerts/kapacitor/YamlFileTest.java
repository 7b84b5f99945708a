package io.hipchatalerts.kapacitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** K §3.1, contract §4: YAML means what it says, and its scalars have the types that Kapacitor's reader gives them. */
class YamlFileTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a: &x ops\\nb: *x                               | {"a":"ops","b":"ops"}
            a: &x 7\\nb: [*x, *x]                           | {"a":7,"b":[7,7]}
            a: &x {c: d}\\nb: *x                            | {"a":{"c":"d"},"b":{"c":"d"}}
            a: &x one\\nb: &x two\\nc: *x                    | {"a":"one","b":"two","c":"two"}
            &x a: b\\n*x : c                                | {"a":"c"}
            a: &x {c: d}\\nb: {<<: *x}                      | {"a":{"c":"d"},"b":{"c":"d"}}
            a: &x {c: d}\\nb: {<<: *x, c: own}              | {"a":{"c":"d"},"b":{"c":"own"}}
            a: &x {c: d}\\nb: {c: own, <<: *x}              | {"a":{"c":"d"},"b":{"c":"own"}}
            b: {<<: {c: d, e: f}, e: own}                  | {"b":{"c":"d","e":"own"}}
            b: {<<: [{c: first}, {c: second, e: f}]}       | {"b":{"c":"first","e":"f"}}
            a: &x {c: d}\\ne: &y {<<: *x, f: g}\\nb: {<<: *y} | {"a":{"c":"d"},"b":{"c":"d","f":"g"},"e":{"c":"d","f":"g"}}
            b: {"<<": {c: d}}                              | {"b":{"<<":{"c":"d"}}}
            a: one\\na: two                                 | {"a":"two"}
            1: a\\nyes: b\\n1.50: c                          | {"1":"a","1.5":"c","true":"b"}
            b: c\\nB: d                                     | {"B":"d","b":"c"}
            """)
    void aliasesAndMergeKeysMeanWhatTheyName(String yaml, String json) throws Exception {
        assertThat(read(yaml.translateEscapes()).content()).hasToString(json);
    }

    /** Tried with go-yaml 2.4.0, which is Kapacitor's. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            y Y yes Yes YES on On ON true True TRUE                                 | true
            n N no No NO off Off OFF false False FALSE                              | false
            ~ null Null NULL                                                        | null
            17 +17 1_7 0x11 0X11 021 0o21 0O21 0b10001 1__7 0x_11                    | 17
            -17 -0x11 -021 -0o21 -0b1_0001                                          | -17
            0 00 -0 +0                                                              | 0
            18446744073709551615 0xFFFFFFFFFFFFFFFF                                 | 18446744073709551615
            1.5 +1.5 1_.5 1.5e0 0.15E+1 15e-1 001.5                                 | 1.5
            8. 08 8e0 0_8                                                           | 8.0
            .5 .5e0 +.5                                                             | 0.5
            """)
    void plainScalarsHaveTheTypesOfKapacitorsReader(String scalars, String json) throws Exception {
        for (String scalar : scalars.split(" ", -1)) {
            assertThat(read("a: " + scalar).content()).as(scalar).hasToString("{\"a\":" + json + "}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yEs nULL Infinity NaN ops a:b a#b << =",
                "_1 0o8 0b2 0x 0o 1e400 0xFFFFFFFFFFFFFFFFF 1.2.3 . + -_ 1e .e3",
                "1:30 190:20:30.15 2018-11-07 2018-11-07T09:15:30Z"
            })
    void anyOtherPlainScalarIsText(String scalars) throws Exception {
        for (String scalar : scalars.split(" ", -1)) {
            assertThat(read("a: " + scalar).content().get("a").textValue()).isEqualTo(scalar);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            'yes'             | "yes"
            "1"               | "1"
            !!str yes         | "yes"
            !custom 5         | "5"
            !!bool 'yes'      | true
            !!int "0x11"      | 17
            !!float 5         | 5
            !!null ''         | null
            !!binary b3Bz     | "ops"
            """)
    void quotesAndTagsDecideTheType(String scalar, String json) throws Exception {
        assertThat(read("a: " + scalar).content().get("a")).hasToString(json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            42        | 42
            0x11      | 17
            yes       | true
            1.50      | 1.5
            1.0       | 1
            0.0001    | 0.0001
            0.00001   | 1e-05
            123456.7  | 123456.7
            999999.0  | 999999
            1000000.0 | 1e+06
            1234567.0 | 1.234567e+06
            1e300     | +Inf
            """)
    void whereKapacitorNeedsTextANumberBecomesTheTextThatGoWrites(String scalar, String text) throws Exception {
        assertThat(YamlScalar.text(YamlScalar.of(scalar))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a: *s3cret                       | an alias has no anchor (put text that begins with * in quotes); the error is at line 1, column 4
            a: &s3cret {b: *s3cret}          | a value contains itself by an alias; the error is at line 1, column 4
            a: &x {<<: *x}                   | a value contains itself by an alias; the error is at line 1, column 4
            a: {<<: s3cret}                  | << merges only mappings; the error is at line 1, column 9
            a: {<<: [{b: c}, s3cret]}        | << merges only mappings; the error is at line 1, column 18
            a: {<<: }                        | << merges only mappings; the error is at line 1, column 8
            ~: s3cret                        | a key must be text; the error is at line 1, column 1
            [s3cret]: a                      | a key must be text; the error is at line 1, column 1
            !<?> [s3cret]: a                 | a key must be text; the error is at line 1, column 1
            a: !!int s3cret                  | a value does not have the type of its tag; the error is at line 1, column 4
            a: !!bool 1                      | a value does not have the type of its tag; the error is at line 1, column 4
            a: !!binary s3@cret              | a !!binary value is not Base64; the error is at line 1, column 4
            a: .inf                          | a number is not finite, which JSON has no form for; the error is at line 1, column 4
            a: "s3cret                       | not valid YAML; the error is at line 1, column 11
            a: @s3cret                       | not valid YAML; the error is at line 1, column 4
            \\ta: s3cret                      | not valid YAML; the error is at line 1, column 1
            a: s3cret\\u0001                  | not valid YAML; it contains a control character
            a: "s3cret \\\\UA0110000"           | not valid YAML
            %YAML 2.0\\n---\\na: s3cret        | not valid YAML 1.1
            """)
    void aMalformedFileIsRefusedWithTheReasonAndThePlaceAndWithoutItsText(String yaml, String problem) {
        assertThatThrownBy(() -> read(yaml.replace("\\u0001", "\u0001").translateEscapes()))
                .isInstanceOf(YamlFile.Malformed.class)
                .hasMessage(problem)
                .hasNoCause();
    }

    @Test
    void aFileInAnotherEncodingIsRefused() {
        assertThatThrownBy(() -> YamlFile.read("a: Küche".getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(YamlFile.Malformed.class)
                .hasMessage("not UTF-8 text");
    }

    @Test
    void aByteOrderMarkIsIgnored() throws Exception {
        assertThat(read("\uFEFFa: b").content()).hasToString("{\"a\":\"b\"}");
        for (Charset utf16 : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            assertThat(YamlFile.read("\uFEFFa: Küche".getBytes(utf16)).content())
                    .hasToString("{\"a\":\"Küche\"}");
        }
    }

    /** Fifty levels with two aliases each mean 2<sup>50</sup> texts, but the file has only fifty lists. */
    @Test
    void aliasesOfAliasesDoNotMultiply() throws Exception {
        StringBuilder yaml = new StringBuilder("x0: &x0 [text]\n");
        for (int n = 1; n <= 50; n++) {
            yaml.append("x%d: &x%d [*x%d, *x%d]\n".formatted(n, n, n - 1, n - 1));
        }

        assertThat(read(yaml.toString()).content().size()).isEqualTo(51);
    }

    @Test
    void aFileThatIsLargerThanAnyHandlerIsRefused() {
        String aliases = "x: &x []\ny: [" + "*x, ".repeat(101) + "]";
        String levels = "[".repeat(51) + "]".repeat(51);
        String deep = "[".repeat(100_000);
        String characters = "# " + "x".repeat(1_000_000) + "\na: b";

        for (String yaml : new String[] {aliases, levels, deep, characters}) {
            assertThatThrownBy(() -> read(yaml))
                    .isInstanceOf(YamlFile.Malformed.class)
                    .hasMessage("more YAML than a handler needs; allowed are at most 100 aliases of lists and mappings,"
                            + " 50 levels and 1000000 characters");
        }
    }

    private static YamlFile read(String yaml) throws YamlFile.Malformed {
        return YamlFile.read(yaml.getBytes(StandardCharsets.UTF_8));
    }
}
