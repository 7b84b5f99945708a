package io.hipchatalerts.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTest {

    @Test
    void aTokenShowsItselfToNobodyWhoDoesNotAsk() {
        Token token = new Token("s3cret");
        RequestOptions around = new RequestOptions(Optional.empty(), Optional.of(token), Optional.empty());

        assertThat(token).hasToString("***");
        assertThat(around.toString()).doesNotContain("s3cret").contains("***");
        assertThat(token.value()).isEqualTo("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "Az09-._~+/=", "with space", "!\"#$%&'()*,:;<>?@[\\]^`{|}"})
    void printableAsciiCanStandInAHeader(String value) {
        assertThat(new Token(value).isPrintable()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Other: 1", "a\n", "\ta", "\u0000", "\u007f", "\u0085", "schlüssel", "🔑"})
    void nothingElseCan(String value) {
        assertThat(new Token(value).isPrintable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            s3cret   | Bearer s3cret is unknown                       | Bearer *** is unknown
            s3cret   | s3crets3cret                                   | ******
            s3cret   | nothing of the kind                            | nothing of the kind
            a/b+c=   | POST /room/ops?auth_token=a%2Fb%2Bc%3D HTTP    | POST /room/ops?auth_token=*** HTTP
            a/b+c=   | a/b+c= as a%2Fb%2Bc%3D                         | *** as ***
            a b      | ?auth_token=a+b&x                              | ?auth_token=***&x
            a b      | ?auth_token=a%20b&x                            | ?auth_token=***&x
            a~b*c    | ?auth_token=a~b%2Ac&x                          | ?auth_token=***&x
            a/b+c=   | a%2fb%2bc%3d and a\\/b+c= and a%2Fb+c=          | *** and *** and ***
            a~b*c    | ?auth_token=a%7Eb*c&x                          | ?auth_token=***&x
            """)
    void aTokenIsBlottedOutAsItIsAndAsItStandsInAnAddress(String token, String text, String blotted) {
        assertThat(new Token(token).blottedOutOf(text)).isEqualTo(blotted);
    }
}
