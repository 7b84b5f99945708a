package io.hipchatalerts.hipchat;

import static io.hipchatalerts.hipchat.ScriptedHipChat.body;
import static io.hipchatalerts.hipchat.ScriptedHipChat.failure;
import static io.hipchatalerts.hipchat.ScriptedHipChat.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.alert.Unicode;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import jakarta.ws.rs.ProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HipChatClientTest {

    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30.25Z");
    private static final Instant ACCEPTABLE_UNTIL = NOW.plusSeconds(5);
    private static final Token TOKEN = new Token("s3cret/+");
    private static final Notification NOTIFICATION = new Notification("kapacitor", "red", "m", true, "text");

    private final VirtualTime time = new VirtualTime(NOW);
    private final ScriptedHipChat hipChat = new ScriptedHipChat(time);
    private final RoomThrottle throttle = new RoomThrottle(time, new Random(7));
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @Test
    void everyStatusHasItsResult() {
        Set<Integer> accepted = Set.of(200, 201, 202, 203, 204);
        for (int status = 100; status <= 599; status++) {
            hipChat.answers(status(status));
            SendResult expected;
            String detail = String.valueOf(status);
            if (accepted.contains(status)) {
                expected = new SendResult.Accepted(detail);
            } else if (status == 408 || status == 429) {
                expected = new SendResult.NotSent(detail, Optional.empty(), status == 429);
            } else if (status < 200 || status >= 500) {
                expected = new SendResult.InDoubt(detail, Optional.empty(), ACCEPTABLE_UNTIL);
            } else {
                expected = new SendResult.Rejected(status, detail);
            }

            assertThat(send()).isEqualTo(expected);
        }
    }

    static List<Throwable> beforeTheRequest() {
        return List.of(
                new ConnectException("Connection refused"),
                new NoRouteToHostException("No route to host"),
                new UnknownHostException("hipchat.invalid"),
                new UnresolvedAddressException(),
                new SSLHandshakeException("unable to find valid certification path"),
                new io.netty.channel.ConnectTimeoutException("connection timed out"),
                new io.netty.handler.ssl.SslHandshakeTimeoutException("handshake timed out"),
                new ConnectionPoolTooBusyException("Connection pool reached max wait queue size of 0"));
    }

    @ParameterizedTest
    @MethodSource("beforeTheRequest")
    void aFailureBeforeTheRequestIsDefinite(Throwable failure) {
        assertThat(resultsOf(failure)).allSatisfy(result -> assertThat(result)
                .isEqualTo(new SendResult.NotSent(result.detail(), Optional.empty(), false)));
    }

    static List<Throwable> perhapsAfterTheRequest() {
        return List.of(
                new io.smallrye.mutiny.TimeoutException(),
                new TimeoutException("no answer"),
                new SocketTimeoutException("Read timed out"),
                new SocketException("Connection reset"),
                new BindException("Address already in use"),
                new SSLException("closing inbound before receiving peer's close_notify"),
                new ClosedChannelException(),
                new IOException("Connection was closed"),
                new IllegalStateException("something else"));
    }

    @ParameterizedTest
    @MethodSource("perhapsAfterTheRequest")
    void anyOtherFailureLeavesTheMessageInDoubtForOneMoreRequestTimeout(Throwable failure) {
        assertThat(resultsOf(failure)).allSatisfy(result -> assertThat(result)
                .isEqualTo(new SendResult.InDoubt(result.detail(), Optional.empty(), ACCEPTABLE_UNTIL)));
    }

    private List<SendResult> resultsOf(Throwable failure) {
        hipChat.answers(
                failure(failure),
                failure(new ProcessingException(failure)),
                failure(new CompletionException(new ProcessingException(new IOException(failure)))));
        return List.of(send(), send(), send());
    }

    @Test
    @Timeout(60)
    void aRequestWithoutAnAnswerIsGivenUpAndInDoubtFromThen() {
        hipChat.answers(hipChat.nothing());

        SendResult result = client("request-timeout", "1h").send("a", TOKEN, NOTIFICATION, Duration.ofMillis(20));

        assertThat(result)
                .isEqualTo(new SendResult.InDoubt(
                        "no answer, TimeoutException", Optional.empty(), NOW.plus(Duration.ofHours(1))));
        assertThat(hipChat.cancelled()).isOne();
    }

    @ParameterizedTest
    @CsvSource({"header, Bearer s3cret/+,", "query, , s3cret/+"})
    void theTokenTravelsInTheHeaderOrInTheQuery(String auth, String authorization, String query) {
        client("auth", auth).send("Ops / Team", TOKEN, NOTIFICATION, Duration.ofSeconds(5));

        assertThat(hipChat.requests())
                .containsExactly(
                        new ScriptedHipChat.Request(NOW, "Ops%20%2F%20Team", authorization, query, null, NOTIFICATION));
    }

    /** Base64 of {@code gate:p@ss w}. */
    @Test
    void theUserAndPasswordOfTheAddressTravelInTheFreeHeader() {
        client("auth", "query", "url", "http://gate:p%40ss%20w@my_chat/v2/room")
                .send("a", TOKEN, NOTIFICATION, Duration.ofSeconds(5));

        assertThat(hipChat.requests())
                .containsExactly(new ScriptedHipChat.Request(
                        NOW, "a", "Basic Z2F0ZTpwQHNzIHc=", TOKEN.value(), null, NOTIFICATION));
    }

    @ParameterizedTest
    @CsvSource({
        "you sent Basic Z2F0ZTpwQHNzIHc=, you sent Basic ***",
        "gate:p@ss w is unknown, gate:*** is unknown",
        "p%40ss%20w and s3cret/+, *** and ***"
    })
    void thePasswordOfTheAddressIsASecretLikeTheToken(String body, String detail) {
        hipChat.answers(body(401, body));

        assertThat(client("auth", "query", "url", "http://gate:p%40ss%20w@my_chat/v2/room")
                        .send("a", TOKEN, NOTIFICATION, Duration.ofSeconds(5))
                        .detail())
                .isEqualTo("401 " + detail);
    }

    @ParameterizedTest
    @CsvSource({
        "202, Accepted, 202",
        "204, Accepted, 204",
        "401, Rejected, 401",
        "404, Rejected, 404",
        "429, NotSent, 429",
        "503, InDoubt, 503"
    })
    void aCheckIsOneRequestThatShowsNoMessage(int status, String type, String detail) {
        hipChat.answers(status(status));

        SendResult result = client().check("ops", TOKEN);

        assertThat(result.getClass().getSimpleName()).isEqualTo(type);
        assertThat(result.detail()).isEqualTo(detail);
        assertThat(hipChat.requests())
                .containsExactly(new ScriptedHipChat.Request(
                        NOW, "ops", "Bearer s3cret/+", null, true, Notification.ofCheck(TestConfig.with())));
    }

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
            405 | <html><body><h1>Not Allowed</h1></body></html>              | 405 <html><body><h1>Not Allowed</h1></body></html>
            400 | {"error":{"message":"cut off                                | 400 {"error":{"message":"cut off
            400 | ``                                                          | 400
            400 | ` `                                                         | 400
            401 | {"error":{"message":"Token s3cret/+ is unknown"}}           | 401 Token *** is unknown
            401 | {"error":{"message":"Token s3cret\\/\\u002b is unknown"}}   | 401 Token *** is unknown
            401 | {"error":"POST /v2/room/a?auth_token=s3cret%2F%2B"}         | 401 POST /v2/room/a?auth_token=***
            401 | <p>s3cret/+</p>                                             | 401 <p>***</p>
            503 | upstream connect error                                      | 503
            429 | {"error":{"message":"Rate limit exceeded"}}                 | 429
            """)
    void aRefusalComesWithHipChatsTextButWithoutTheToken(int status, String body, String detail) {
        hipChat.answers(body(status, body));

        assertThat(send().detail()).isEqualTo(detail);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %s
            {"error":"%s"}
            {"error":{"message":"%s"}}
            """)
    void aTextIsCutAtAThousandCodePoints(String form) {
        String thousand = "🔥".repeat(1_000);
        String longer = form.formatted(thousand + "x");
        hipChat.answers(body(400, form.formatted(thousand)), body(400, longer));

        // A text that is not HipChat's is cut as a whole.
        String cut = form.equals("%s") ? longer : thousand;
        assertThat(send().detail()).isEqualTo("400 " + thousand);
        assertThat(send().detail()).isEqualTo("400 " + cut.substring(0, cut.offsetByCodePoints(0, 1_000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "[", "{\"error\":"})
    void aHugeBodyIsCut(String piece) {
        hipChat.answers(body(400, piece.repeat((1 << 20) / piece.length())));

        assertThat(send().detail()).hasSize("400 ".length() + 1_000);
    }

    @Test
    @Timeout(60)
    void anEndlessBodyIsReadInPart() {
        hipChat.answers(body(400, new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        }));

        assertThat(send().detail()).isEqualTo("400 " + "x".repeat(1_000));
    }

    @Test
    void aBodyThatCannotBeReadLeavesTheStatus() throws IOException {
        InputStream closed = InputStream.nullInputStream();
        closed.close();
        hipChat.answers(body(401, closed));

        assertThat(send()).isEqualTo(new SendResult.Rejected(401, "401"));
    }

    @Test
    void theTokenIsRedactedBeforeTheCutSoThatNoHalfOfItIsLeft() {
        for (int before = 990; before <= 1_000; before++) {
            hipChat.answers(body(401, "x".repeat(before) + TOKEN.value()));

            assertThat(send().detail()).doesNotContain("s3");
        }
    }

    @Test
    void halfASurrogatePairInHipChatsTextIsReplaced() {
        hipChat.answers(body(400, "{\"error\":\"a \\ud83d\"}"));

        assertThat(Unicode.isWhole(send().detail())).isTrue();
    }

    @Test
    void aFailureIsExplainedWithoutTheTokenAndCut() {
        hipChat.answers(
                failure(new ProcessingException(
                        new ConnectException("no way to https://x/?auth_token=s3cret%2F%2B s3cret/+"))),
                failure(new IllegalStateException("x".repeat(100_000))));

        assertThat(send().detail()).isEqualTo("no answer, ConnectException: no way to https://x/?auth_token=*** ***");
        assertThat(send().detail()).hasSize(1_000);
    }

    @ParameterizedTest
    @CsvSource({"408, NotSent", "429, NotSent", "503, InDoubt"})
    void theMomentThatHipChatNamesIsPartOfTheResult(int status, String type) {
        hipChat.answers(status(status, "Retry-After", 7));

        SendResult result = send();

        assertThat(result.getClass().getSimpleName()).isEqualTo(type);
        assertThat(result.retryAt()).contains(NOW.plusSeconds(7));
    }

    @ParameterizedTest
    @CsvSource({
        "204, X-FloodControl-Remaining, 0, true",
        "204, x-ratelimit-remaining, 0, true",
        "204, X-FloodControl-Remaining, 1, false",
        "401, X-FloodControl-Remaining, 0, true",
        "429, X-FloodControl-Remaining, 0, true",
        "429, X-FloodControl-Limit, 30, false",
        "503, X-FloodControl-Remaining, 0, true"
    })
    void anyAnswerThatUsesUpALimitClosesTheRoom(int status, String header, int value, boolean isClosed) {
        Object reset = NOW.plusSeconds(60).getEpochSecond();
        hipChat.answers(status(status, header, value, "X-FloodControl-Reset", reset, "X-Ratelimit-Reset", reset));

        send();

        assertThat(throttle.closedUntil("a", TOKEN).isPresent()).isEqualTo(isClosed);
        assertThat(throttle.closedUntil("b", TOKEN)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"204, accepted", "401, rejected", "429, not-sent", "500, in-doubt"})
    void eachRequestIsTimedUnderItsResultAndEverySeriesExists(int status, String label) {
        hipChat.answers(status(status));

        send();

        assertThat(metrics.get("hipchat.notify").timers())
                .extracting(timer -> timer.getId().getTag("result"), Timer::count)
                .containsExactlyInAnyOrderElementsOf(Stream.of("accepted", "rejected", "not-sent", "in-doubt")
                        .map(result -> tuple(result, result.equals(label) ? 1L : 0L))
                        .toList());
    }

    private SendResult send() {
        return client().send("a", TOKEN, NOTIFICATION, Duration.ofSeconds(5));
    }

    private HipChatClient client(String... settings) {
        return hipChat.client(TestConfig.with(settings), throttle, metrics);
    }
}
