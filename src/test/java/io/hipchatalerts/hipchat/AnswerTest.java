package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.alert.Unicode;
import jakarta.ws.rs.ProcessingException;
import java.net.ConnectException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTest {

    private static final Token TOKEN = new Token("s3cret/+");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            401 | {"error":{"code":401,"message":"Invalid OAuth session","type":"Unauthorized"}} | 401 Invalid OAuth session
            403 | {"error":{"code":403,"message":"This action requires one of the following scopes: [u'send_notification']","type":"Forbidden"}} | 403 This action requires one of the following scopes: [u'send_notification']
            400 | {"error":{"code":400,"expected_type":"boolean","field":"notify","message":"Value u'true' for field 'notify' is not of type 'boolean'","type":"Bad Request","validation":"type","value":"true"}} | 400 Value u'true' for field 'notify' is not of type 'boolean'
            404 | {"error":{"code":404,"message":"Room ops not found","type":"Not Found"}} | 404 Room ops not found
            400 | {"error":"Message too long"}                                | 400 Message too long
            400 | {"error":{"code":400}}                                      | 400 {"error":{"code":400}}
            400 | {"error":{"message":{"text":"x"}}}                          | 400 {"error":{"message":{"text":"x"}}}
            400 | {"message":"elsewhere"}                                     | 400 {"message":"elsewhere"}
            400 | ["error"]                                                   | 400 ["error"]
            400 | "error"                                                     | 400 "error"
            502 | <html><body><h1>Bad Gateway</h1></body></html>              | 502 <html><body><h1>Bad Gateway</h1></body></html>
            503 | upstream connect error                                      | 503 upstream connect error
            400 | {"error":{"message":"cut off                                | 400 {"error":{"message":"cut off
            500 | ``                                                          | 500
            500 | ` `                                                         | 500
            """)
    void hipchatsOwnWordsArePassedOn(int status, String body, String detail) {
        assertThat(Answer.of(status, body, Optional.empty(), TOKEN).detail()).isEqualTo(detail);
    }

    @Test
    void statusAndMomentArePassedOn() {
        Optional<Instant> notBefore = Optional.of(Instant.parse("2026-05-02T09:16:00Z"));

        assertThat(Answer.of(429, "", notBefore, TOKEN)).isEqualTo(new Answer(Verdict.NOT_NOW, "429", notBefore));
        assertThat(Answer.of(204, "", Optional.empty(), TOKEN).verdict()).isEqualTo(Verdict.ACCEPTED);
    }

    @Test
    void anAnswerWithoutAnyBodyKeepsItsVerdict() {
        assertThat(Answer.of(404, "", Optional.empty(), TOKEN))
                .isEqualTo(new Answer(Verdict.REFUSED, "404", Optional.empty()));
    }

    @Test
    void aTextIsCutAtAThousandCharacters() {
        String thousand = "🔥".repeat(1_000);

        assertThat(Answer.of(400, thousand, Optional.empty(), TOKEN).detail()).isEqualTo("400 " + thousand);
        assertThat(Answer.of(400, thousand + "x", Optional.empty(), TOKEN).detail())
                .isEqualTo("400 " + thousand);
        assertThat(Answer.of(400, "{\"error\":\"" + thousand + "x\"}", Optional.empty(), TOKEN)
                        .detail())
                .isEqualTo("400 " + thousand);
    }

    @Test
    void aHugeBodyOfAnyKindIsCut() {
        assertThat(Answer.of(500, "x".repeat(1 << 20), Optional.empty(), TOKEN).detail())
                .hasSize("500 ".length() + 1_000);
        assertThat(Answer.of(500, "[".repeat(1 << 20), Optional.empty(), TOKEN).detail())
                .hasSize("500 ".length() + 1_000);
        assertThat(Answer.of(500, "{\"error\":".repeat(1 << 17), Optional.empty(), TOKEN)
                        .detail())
                .hasSize("500 ".length() + 1_000);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"error":{"message":"Token s3cret/+ is unknown"}}             | 401 Token *** is unknown
            {"error":{"message":"Token s3cret\\/\\u002b is unknown"}}     | 401 Token *** is unknown
            {"error":"POST /v2/room/a?auth_token=s3cret%2F%2B"}           | 401 POST /v2/room/a?auth_token=***
            <p>s3cret/+</p>                                               | 401 <p>***</p>
            """)
    void theTokenIsBlottedOut(String body, String detail) {
        assertThat(Answer.of(401, body, Optional.empty(), TOKEN).detail()).isEqualTo(detail);
    }

    @Test
    void theTokenIsBlottedOutBeforeTheCutSoThatNoHalfOfItIsLeft() {
        for (int before = 990; before <= 1_000; before++) {
            String detail = Answer.of(401, "x".repeat(before) + TOKEN.value(), Optional.empty(), TOKEN)
                    .detail();

            assertThat(detail).doesNotContain("s3");
        }
    }

    @Test
    void halfASurrogatePairInHipchatsTextBreaksNothing() {
        Answer answer = Answer.of(400, "{\"error\":\"a \\ud83d\"}", Optional.empty(), TOKEN);

        assertThat(Unicode.isWhole(answer.detail())).isTrue();
    }

    @Test
    void noAnswerSaysWhatStoodInItsWayWithoutTheToken() {
        Throwable failure =
                new ProcessingException(new ConnectException("no way to https://x/?auth_token=s3cret%2F%2B s3cret/+"));

        assertThat(Answer.of(failure, TOKEN))
                .isEqualTo(new Answer(
                        Verdict.NOT_NOW,
                        "no answer, ConnectException: no way to https://x/?auth_token=*** ***",
                        Optional.empty()));
        assertThat(Answer.of(new io.smallrye.mutiny.TimeoutException(), TOKEN))
                .isEqualTo(new Answer(Verdict.UNCLEAR, "no answer, TimeoutException", Optional.empty()));
        assertThat(Answer.of(new IllegalStateException("x".repeat(100_000)), TOKEN)
                        .detail())
                .hasSize(1_000);
    }
}
