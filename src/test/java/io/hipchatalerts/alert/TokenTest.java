package io.hipchatalerts.alert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTest {

    @Test
    void toStringShowsNoToken() {
        Token token = new Token("s3cret");
        RequestOptions around = new RequestOptions(Optional.empty(), Optional.of(token), Optional.empty());

        assertThat(token).hasToString("***");
        assertThat(around.toString()).doesNotContain("s3cret").contains("***");
        assertThat(token.value()).isEqualTo("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "Az09-._~+/=", "with space", "!\"#$%&'()*,:;<>?@[\\]^`{|}"})
    void aTokenOfPrintableAsciiIsPrintable(String value) {
        assertThat(new Token(value).problem("key")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Other: 1", "a\n", "\ta", "\u0000", "\u007f", "\u0085", "schlüssel", "🔑"})
    void aTokenWithAnyOtherCharacterIsNotPrintable(String value) {
        assertThat(new Token(value).problem("hipchat.token"))
                .contains("hipchat.token (not shown) contains characters that no token has;"
                        + " allowed are printable ASCII characters");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            s3cret   | Bearer s3cret is unknown                       | Bearer *** is unknown
            s3cret   | s3crets3cret                                   | ******
            s3cret   | nothing of the kind                            | nothing of the kind
            s3cret   | s3cre s3cre7 and 3cret                         | s3cre s3cre7 and 3cret
            abcab    | abcabcab, not abca                             | ***, not abca
            a/b+c=   | POST /room/ops?auth_token=a%2Fb%2Bc%3D HTTP    | POST /room/ops?auth_token=*** HTTP
            a/b+c=   | a/b+c= as a%2Fb%2Bc%3D                         | *** as ***
            a/b+c=   | a%2fb%2bc%3d and a\\/b+c= and a%2Fb+c=          | *** and *** and ***
            a b      | ?auth_token=a+b&x                              | ?auth_token=***&x
            a b      | ?auth_token=a%20b&x                            | ?auth_token=***&x
            a~b*c    | ?auth_token=a~b%2Ac&x                          | ?auth_token=***&x
            a~b*c    | ?auth_token=a%7Eb*c&x                          | ?auth_token=***&x
            a<b>&c   | {"error":"a\\u003cb\\u003e\\u0026c"}              | {"error":"***"}
            a<b>&c   | {"error":"a\\u003Cb\\u003E\\u0026c"}              | {"error":"***"}
            a<b>&c   | a<b%3e\\u0026c                                  | ***
            a"b\\c    | {"error":"a\\"b\\\\c"}                            | {"error":"***"}
            a"b\\c    | a"b\\c, a%22b%5Cc, a\\u0022b\\u005cc               | ***, ***, ***
            a\\\\\\b    | a\\\\\\b, a\\\\\\\\\\\\b                                | ***, ***
            a/b&c    | {"m":"{\\"e\\":\\"a\\\\/b\\\\u0026c\\"}"}                | {"m":"{\\"e\\":\\"***\\"}"}
            a/b&c    | a%2Fb\\u0026c, a%252Fb%2526c, a\\u00252fb%26c     | ***, ***, ***
            2Fab     | %2Fab                                          | %***
            ab%2     | ab%2F, ab%252F                                 | ***F, ***F
            %2F      | %2F, %252F, %25%32%46                          | ***, ***, ***
            u003c    | \\u003c                                         | \\***
            """)
    void aTokenIsRedactedInEverySpelling(String token, String text, String redacted) {
        assertThat(new Token(token).redactedFrom(text)).isEqualTo(redacted);
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void theSpellingsOfRealEncodersAreRedacted(String token, String spelled) {
        assertThat(new Token(token).redactedFrom("a " + spelled + " b " + spelled))
                .isEqualTo("a *** b ***");
    }

    static Stream<Arguments> spellings() throws JsonProcessingException {
        String ascii = IntStream.range(0x20, 0x7f).mapToObj(Character::toString).collect(joining());
        String json = new ObjectMapper().writeValueAsString(ascii);
        String inner = json.substring(1, json.length() - 1);
        String form = URLEncoder.encode(ascii, UTF_8);
        return Stream.of(
                        ascii,
                        inner,
                        inner.replace("/", "\\/"),
                        inner.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
                        escaped(ascii, "\\u%04x"),
                        escaped(ascii, "\\u%04X"),
                        escaped(ascii, "%%%02x"),
                        escaped(ascii, "%%%02X"),
                        form,
                        form.replace("+", "%20").replace("*", "%2A").replace("%7E", "~"))
                .map(spelled -> Arguments.of(ascii, spelled));
    }

    private static String escaped(String text, String format) {
        return text.chars().mapToObj(format::formatted).collect(joining());
    }

    @ParameterizedTest
    @ValueSource(ints = {3_000, 100_000})
    void aLongTokenIsRedacted(int length) {
        String random = new Random(length)
                .ints(length, 0x20, 0x7f)
                .mapToObj(Character::toString)
                .collect(joining());

        assertThat(new Token(random).redactedFrom("a " + random + " b " + escaped(random, "%%%02x")))
                .isEqualTo("a *** b ***");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "ab", "%", "\\", "%25", "%2525", "\\u005c", " "})
    void aTokenThatRepeatsItselfIsRedactedInTime(String part) {
        String same = part.repeat(300_000 / part.length());
        Token token = new Token(same + "-");

        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            String withoutEnd = same.repeat(3);
            assertThat(token.redactedFrom(withoutEnd).equals(withoutEnd)).isTrue();
            String within = "x" + part + token.value() + "x" + token.value();
            assertThat(token.redactedFrom(within).replace(part, "")).isEqualTo("x***x***");
            assertThat(new Token(same).redactedFrom(withoutEnd)).matches("[*]{3,9}");
        });
    }
}
