package io.hipchatalerts.fake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FakeHipChatTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    private final FakeHipChat hipChat = FakeHipChat.start();

    @AfterEach
    void close() {
        hipChat.close();
    }

    // Records

    @Test
    void aMessageIsAcceptedWith204AndRecorded() throws Exception {
        Instant before = Instant.now();

        HttpResponse<String> answer = post("alerts", "down");

        assertThat(answer.statusCode()).isEqualTo(204);
        ReceivedRequest request = hipChat.onlyRequest();
        assertThat(request.at()).isBetween(before, Instant.now());
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.target()).isEqualTo("/v2/room/alerts/notification");
        assertThat(request.header("CONTENT-TYPE")).contains("application/json");
        assertThat(request.header("X-None")).isEmpty();
        assertThat(request.room()).isEqualTo("alerts");
        assertThat(request.token()).isEqualTo("the-token");
        assertThat(request.message()).isEqualTo("down");
        assertThat(request.color()).isEqualTo("red");
        assertThat(request.notifies()).isTrue();
        assertThat(request.messageFormat()).isEqualTo("text");
        assertThat(request.from()).isEqualTo("kapacitor");
        assertThat(hipChat.accepted()).singleElement().satisfies(acceptance -> {
            assertThat(acceptance.request()).isEqualTo(request);
            assertThat(acceptance.at()).isBetween(request.at(), Instant.now());
        });
    }

    @Test
    void theRoomAndTheTokenOfAnAddressAreDecoded() throws Exception {
        post("a%2Fb+c%20%C3%9C", "down", "?auth_token=a%2Bb");

        ReceivedRequest request = hipChat.onlyRequest();
        assertThat(request.room()).isEqualTo("a/b+c Ü");
        assertThat(request.path()).isEqualTo("/v2/room/a%2Fb+c%20%C3%9C/notification");
        assertThat(request.query()).isEqualTo("auth_token=a%2Bb");
    }

    @Test
    void aTokenInTheQueryIsTheTokenOfARequestWithoutAHeader() throws Exception {
        try (Socket client = connected()) {
            client.getOutputStream().write("POST /r?x=1&auth_token=a%2Bb HTTP/1.1\r\n\r\n".getBytes(UTF_8));
            assertThat(firstLine(client)).isEqualTo("HTTP/1.1 204 Status");
        }

        assertThat(hipChat.onlyRequest().token()).isEqualTo("a+b");
    }

    @Test
    void aTestOfTheTokenSendsNothingToTheRoom() throws Exception {
        assertThat(post("alerts", "down", "?auth_test=true").statusCode()).isEqualTo(202);

        assertThat(hipChat.requests()).hasSize(1);
        assertThat(hipChat.accepted()).isEmpty();
    }

    @Test
    void aConnectionServesManyRequests() throws Exception {
        try (Socket client = connected()) {
            for (int i = 0; i < 3; i++) {
                send(client, "alerts");
                assertThat(firstLine(client)).isEqualTo("HTTP/1.1 204 Status");
                assertThat(firstLine(client)).isEmpty();
            }
            assertThat(hipChat.openConnections()).isEqualTo(1);
        }

        hipChat.awaitOpenConnections(0);
        assertThat(hipChat.givenUp()).isEmpty();
    }

    @Test
    void aResetForgetsAllRecordsAndDecisions() throws Exception {
        hipChat.reacts(Reaction.answers(500));
        hipChat.reacts("alerts", Reaction.answers(501));
        hipChat.reactsInTurn(Reaction.answers(502));
        hipChat.reactsInTurn("alerts", Reaction.answers(503), Reaction.answers(504));
        post("alerts", "down");

        hipChat.reset();

        assertThat(hipChat.requests()).isEmpty();
        assertThat(post("alerts", "down").statusCode()).isEqualTo(204);
        assertThat(hipChat.requestCount()).isEqualTo(1);
    }

    @Test
    void numbersAreAllThatACounterKeeps() throws Exception {
        hipChat.countOnly();

        post("alerts", "down");

        assertThat(hipChat.requestCount()).isEqualTo(1);
        assertThat(hipChat.acceptedCount()).isEqualTo(1);
        assertThat(hipChat.requests()).isEmpty();
        assertThat(hipChat.accepted()).isEmpty();
    }

    // Decisions

    @Test
    void theReactionsInTurnComeBeforeTheOthersAndThoseForARoomBeforeThoseForAll() throws Exception {
        hipChat.decides(request -> Reaction.answers(request.room().equals("a") ? 501 : 502));
        hipChat.reactsInTurn(Reaction.answers(503), Reaction.answers(504));
        hipChat.reacts("b", Reaction.answers(505));
        hipChat.reactsInTurn("b", Reaction.answers(506));

        List<Integer> statuses = List.of(
                post("b", "1").statusCode(),
                post("b", "2").statusCode(),
                post("a", "3").statusCode(),
                post("c", "4").statusCode(),
                post("a", "5").statusCode(),
                post("c", "6").statusCode());

        assertThat(statuses).containsExactly(506, 505, 503, 504, 501, 502);
        assertThat(hipChat.requests("b")).extracting(ReceivedRequest::message).containsExactly("1", "2");
        assertThat(hipChat.accepted()).isEmpty();
    }

    // Complete answers

    @Test
    void aRefusalHasHipChatsErrorObject() throws Exception {
        hipChat.reacts(Reaction.refuses(401, "Invalid OAuth session"));

        HttpResponse<String> answer = post("alerts", "down");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"error\":{\"code\":401,\"type\":\"Unauthorized\",\"message\":\"Invalid OAuth session\"}}");
        assertThat(hipChat.accepted()).isEmpty();
    }

    @Test
    void aThrottleNamesTheMomentInEachWayThatHipChatKnows() throws Exception {
        Instant reset = Instant.parse("2026-05-02T09:15:30Z");
        hipChat.reacts(Reaction.throttles()
                .retryAfter(Duration.ofSeconds(7))
                .floodControl(30, 0, reset)
                .rateLimit(500, 3, reset)
                .date(reset));

        HttpResponse<String> answer = post("alerts", "down");

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
        assertThat(answer.headers().firstValue("X-FloodControl-Limit")).contains("30");
        assertThat(answer.headers().firstValue("X-FloodControl-Remaining")).contains("0");
        assertThat(answer.headers().firstValue("X-FloodControl-Reset")).contains("1777713330");
        assertThat(answer.headers().firstValue("X-Ratelimit-Limit")).contains("500");
        assertThat(answer.headers().firstValue("X-Ratelimit-Remaining")).contains("3");
        assertThat(answer.headers().firstValue("X-Ratelimit-Reset")).contains("1777713330");
        assertThat(answer.headers().firstValue("Date")).contains("Sat, 2 May 2026 09:15:30 GMT");
    }

    @Test
    void anAcceptanceMayHaveAnyStatusHeadersAndBody() throws Exception {
        hipChat.reacts(Reaction.accepts(201).header("X-Any", "thing").body("größer"));

        HttpResponse<String> answer = post("alerts", "down");

        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("X-Any")).contains("thing");
        assertThat(answer.body()).isEqualTo("größer");
        assertThat(hipChat.accepted("alerts")).hasSize(1);
        assertThat(hipChat.accepted("other")).isEmpty();
    }

    @Test
    void a204MayHaveABody() throws Exception {
        hipChat.reacts(Reaction.accepts().header("Connection", "close").body("whatever"));

        assertThat(whole("alerts"))
                .isEqualTo("HTTP/1.1 204 Status\r\nConnection: close\r\nContent-Length: 8\r\n\r\nwhatever");
    }

    @Test
    void anAnswerMayComeLater() throws Exception {
        hipChat.reacts(Reaction.accepts().after(Duration.ofMillis(300)));

        post("alerts", "down");

        assertThat(hipChat.accepted()).singleElement().satisfies(acceptance -> assertThat(
                        Duration.between(acceptance.request().at(), acceptance.at()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(300)));
    }

    @Test
    void anAnswerMayWaitForItsRelease() throws Exception {
        hipChat.reacts(Reaction.accepts().onceReleased());
        CompletableFuture<HttpResponse<String>> answer = postAsync("alerts");
        hipChat.awaitRequests(1);
        assertThat(hipChat.accepted()).isEmpty();

        hipChat.release();

        assertThat(answer.get().statusCode()).isEqualTo(204);
        assertThat(hipChat.accepted()).hasSize(1);
    }

    @Test
    void somethingMayHappenRightAfterAReaction() throws Exception {
        AtomicInteger acceptedThen = new AtomicInteger();
        hipChat.reacts(Reaction.accepts()
                .then(() -> acceptedThen.set(hipChat.accepted().size())));

        post("alerts", "down");
        hipChat.close();

        assertThat(acceptedThen).hasValue(1);
    }

    // Acceptance after the client has given up

    @Test
    void aMessageIsAcceptedLateThoughTheClientHasGivenUp() throws Exception {
        hipChat.reacts(Reaction.acceptsLate());
        giveUpOn("alerts");
        hipChat.awaitGivenUp(1);
        hipChat.awaitOpenConnections(0);
        assertThat(hipChat.accepted()).isEmpty();

        hipChat.release();

        hipChat.awaitAccepted("alerts", 1);
    }

    @Test
    void aMessageIsAcceptedAfterAWhileThoughTheClientHasGivenUp() throws Exception {
        hipChat.reacts(Reaction.acceptsLate(Duration.ofMillis(200)));

        giveUpOn("alerts");

        hipChat.awaitAccepted(1);
        assertThat(hipChat.givenUp()).isEqualTo(hipChat.requests());
    }

    @Test
    void aClientThatWaitsForALateAcceptanceGetsItsAnswer() throws Exception {
        hipChat.reacts(Reaction.acceptsLate(Duration.ofMillis(200)));

        assertThat(post("alerts", "down").statusCode()).isEqualTo(204);
    }

    @Test
    void aDelayedAnswerIsDroppedWhenTheClientGivesUp() throws Exception {
        hipChat.reacts(Reaction.accepts().onceReleased());
        giveUpOn("alerts");
        hipChat.awaitGivenUp(1);

        hipChat.release();

        assertThat(post("other", "down", "", Reaction.accepts()).statusCode()).isEqualTo(204);
        assertThat(hipChat.accepted("alerts")).isEmpty();
    }

    @Test
    void aMessageAcceptedAfterAResetIsNotInTheNewRecords() throws Exception {
        hipChat.reacts(Reaction.acceptsLate());
        giveUpOn("alerts");
        hipChat.awaitGivenUp(1);
        hipChat.reset();

        hipChat.release();
        post("other", "down");

        assertThat(hipChat.accepted())
                .extracting(acceptance -> acceptance.request().room())
                .containsExactly("other");
    }

    // No answer, or a part of one

    static Stream<Reaction> reactionsWithoutAnEnd() {
        return Stream.of(
                Reaction.hangs(),
                Reaction.acceptsAndHangs(),
                Reaction.accepts().stallsInHead(),
                Reaction.accepts().stallsInBody(),
                Reaction.accepts().trickles(Duration.ofMillis(1)),
                Reaction.accepts().neverEnds());
    }

    @ParameterizedTest
    @MethodSource("reactionsWithoutAnEnd")
    void aRequestWithoutACompleteAnswerIsOverWhenTheClientGivesUp(Reaction reaction) throws Exception {
        hipChat.reacts(reaction);

        giveUpOn("alerts");

        hipChat.awaitGivenUp(1);
        hipChat.awaitOpenConnections(0);
        hipChat.verify();
    }

    @Test
    void aHangingRequestGetsNoByte() throws Exception {
        hipChat.reactsInTurn(Reaction.hangs(), Reaction.acceptsAndHangs());

        for (int accepted = 0; accepted < 2; accepted++) {
            try (Socket client = sent("alerts")) {
                client.setSoTimeout(100);
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
                hipChat.awaitAccepted(accepted);
                assertThat(hipChat.acceptedCount()).isEqualTo(accepted);
            }
        }
    }

    @Test
    void aHeadMayStopHalfway() throws Exception {
        hipChat.reacts(Reaction.accepts().stallsInHead());

        try (Socket client = sent("alerts")) {
            assertThat(new String(client.getInputStream().readNBytes(8), UTF_8)).isEqualTo("HTTP/1.1");
            client.setSoTimeout(100);
            assertThatThrownBy(() -> client.getInputStream().readAllBytes()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aBodyMayStopHalfway() throws Exception {
        hipChat.reacts(Reaction.answers(500).body("half").stallsInBody());

        try (Socket client = sent("alerts")) {
            assertThat(firstLine(client)).isEqualTo("HTTP/1.1 500 Status");
            assertThat(firstLine(client)).startsWith("Content-Length: ");
            assertThat(firstLine(client)).isEmpty();
            assertThat(new String(client.getInputStream().readNBytes(4), UTF_8)).isEqualTo("half");
            client.setSoTimeout(100);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aBodyMayTrickle() throws Exception {
        hipChat.reacts(Reaction.accepts(200).trickles(Duration.ofMillis(5)));

        long begin = System.nanoTime();
        try (Socket client = sent("alerts")) {
            assertThat(firstLine(client)).isEqualTo("HTTP/1.1 200 Status");
            assertThat(firstLine(client)).startsWith("Content-Length: ");
            assertThat(firstLine(client)).isEmpty();
            assertThat(new String(client.getInputStream().readNBytes(10), UTF_8))
                    .isEqualTo("xxxxxxxxxx");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(40));
        }
    }

    @Test
    void aBodyMayNeverEnd() throws Exception {
        hipChat.reacts(Reaction.accepts(200).neverEnds());

        try (Socket client = sent("alerts")) {
            assertThat(client.getInputStream().readNBytes(10_000_000)).hasSize(10_000_000);
        }
    }

    @Test
    void anAnswerMayBreakOff() throws Exception {
        hipChat.reactsInTurn(
                Reaction.accepts().breaksOffInHead(),
                Reaction.accepts(200).body("half").breaksOffInBody(),
                Reaction.accepts(200).hasGarbageForBody(),
                Reaction.closes(),
                Reaction.answersGarbage());

        assertThat(whole("alerts")).startsWith("HTTP/1.1").doesNotContain("\r\n\r\n");
        assertThat(whole("alerts")).contains("Content-Length: ").endsWith("\r\n\r\nhalf");
        assertThat(whole("alerts")).endsWith("Transfer-Encoding: chunked\r\n\r\nlorem ipsum\r\n");
        assertThat(hipChat.acceptedCount()).isEqualTo(3);
        assertThat(whole("alerts")).isEmpty();
        assertThat(whole("alerts")).isNotEmpty().doesNotContain("HTTP");
        assertThat(hipChat.acceptedCount()).isEqualTo(3);
        assertThat(hipChat.givenUp()).isEmpty();
    }

    @Test
    void aConnectionMayBeReset() {
        hipChat.reactsInTurn(Reaction.cuts(), Reaction.acceptsAndCuts());

        for (int accepted = 0; accepted < 2; accepted++) {
            assertThatThrownBy(() -> whole("alerts")).isInstanceOf(SocketException.class);
            assertThat(hipChat.acceptedCount()).isEqualTo(accepted);
        }
        assertThat(hipChat.givenUp()).isEmpty();
    }

    @Test
    void aConnectionMayBeResetBeforeTheRequestIsRead() throws Exception {
        hipChat.cutsUnread(1);

        assertThatThrownBy(() -> whole("alerts")).isInstanceOf(SocketException.class);

        assertThat(hipChat.requests()).isEmpty();
        assertThat(post("alerts", "down").statusCode()).isEqualTo(204);
    }

    @Test
    void aConnectionMayBeResetLater() {
        hipChat.reacts(Reaction.cuts().after(Duration.ofMillis(50)));

        assertThatThrownBy(() -> whole("alerts")).isInstanceOf(SocketException.class);
    }

    @Test
    void anAnswerThatTheClientMayNotHaveReadIsKnown() throws Exception {
        giveUpOn("alerts");

        hipChat.await(() -> hipChat.perhapsUnread().size() == 1, () -> "an answer that perhaps was not read");
        assertThat(hipChat.givenUp()).isEmpty();
    }

    @Test
    void aConnectionWhoseAnswerHasNoEndIsNotUsedAgain() throws Exception {
        hipChat.reacts(Reaction.accepts().stallsInBody());
        try (Socket client = sent("alerts")) {
            assertThat(firstLine(client)).isEqualTo("HTTP/1.1 204 Status");

            send(client, "alerts");

            hipChat.awaitOpenConnections(0);
        }
        assertThatThrownBy(hipChat::verify).isInstanceOf(AssertionError.class).satisfies(failure -> assertThat(
                        failure.getSuppressed())
                .singleElement()
                .satisfies(one -> assertThat(one).hasMessageContaining("used it again")));
    }

    @Test
    void aConnectionIsClosedAfterTheAnswerIfTheClientAsksForThat() throws Exception {
        try (Socket client = connected()) {
            client.getOutputStream()
                    .write("POST /v2/room/a/notification HTTP/1.1\r\nConnection: Close\r\n\r\n".getBytes(UTF_8));

            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 204");
        }
    }

    // Coming and going

    @Test
    void nobodyConnectsToAHipChatThatIsAwayUntilItIsBack() throws Exception {
        try (Socket idle = connected();
                Socket busy = connected()) {
            hipChat.reactsInTurn(Reaction.accepts().onceReleased());
            send(busy, "alerts");
            hipChat.awaitRequests(1);

            hipChat.goAway();

            assertThatThrownBy(this::connected).isInstanceOf(ConnectException.class);
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            hipChat.release();
            assertThat(firstLine(busy)).isEqualTo("HTTP/1.1 204 Status");
            hipChat.awaitOpenConnections(0);
        }
        assertThat(hipChat.givenUp()).isEmpty();
        assertThat(hipChat.perhapsUnread()).isEmpty();

        hipChat.comeBack();

        assertThat(post("alerts", "down").statusCode()).isEqualTo(204);
    }

    @Test
    void aRequestThatHangsIsClosedWhenHipChatGoesAway() throws Exception {
        hipChat.reacts(Reaction.hangs());
        try (Socket client = sent("alerts")) {
            hipChat.awaitRequests(1);

            hipChat.goAway();

            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aPortMayBeGiven() throws Exception {
        hipChat.close();

        try (FakeHipChat again = FakeHipChat.startAt(hipChat.port())) {
            assertThat(again.url()).isEqualTo(hipChat.url());
            assertThat(post("alerts", "down").statusCode()).isEqualTo(204);
        }
    }

    // What must not happen

    @ParameterizedTest
    @ValueSource(strings = {"verify", "reset", "close"})
    void aReactionThatFailsFailsTheTest(String end) throws Exception {
        FakeHipChat failing = FakeHipChat.start();
        try (Socket client = connectedTo(failing)) {
            failing.decides(request -> {
                throw new AssertionError("not this room");
            });
            send(client, "alerts");
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);

            assertThatThrownBy(() -> {
                        switch (end) {
                            case "verify" -> failing.verify();
                            case "reset" -> failing.reset();
                            default -> failing.close();
                        }
                    })
                    .isInstanceOf(AssertionError.class)
                    .satisfies(failure -> assertThat(failure.getSuppressed())
                            .singleElement()
                            .satisfies(one -> assertThat(one).hasRootCauseMessage("not this room")));
        } finally {
            // What was thrown once is not thrown again.
            failing.close();
        }
    }

    @Test
    void aDelayedStepThatFailsFailsTheTest() throws Exception {
        hipChat.reacts(Reaction.accepts()
                .then(() -> {
                    throw new IllegalStateException("too late");
                })
                .after(Duration.ofMillis(50)));
        post("alerts", "down");
        hipChat.awaitOpenConnections(0);

        assertThatThrownBy(hipChat::verify).isInstanceOf(AssertionError.class).satisfies(failure -> assertThat(
                        failure.getSuppressed())
                .singleElement()
                .satisfies(one -> assertThat(one).hasRootCauseMessage("too late")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n\r\n",
                "POST /v2/room/a/notification HTTP/1.1\r\nno header\r\n\r\n",
                "POST /v2/room/a/notification HTTP/1.1\r\nContent-Length: many\r\n\r\n",
                "POST /v2/room/a/notification HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            })
    void aMalformedRequestFailsTheTest(String request) throws Exception {
        try (Socket client = connected()) {
            client.getOutputStream().write(request.getBytes(UTF_8));
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }

        assertThatThrownBy(hipChat::verify).isInstanceOf(AssertionError.class);
    }

    @Test
    void aClientThatHangsUpInTheMiddleOfItsRequestIsNoFailure() throws Exception {
        try (Socket client = connected()) {
            client.getOutputStream().write("POST /v2/room/a/notification HTTP/1.1\r\nCont".getBytes(UTF_8));
        }
        hipChat.awaitOpenConnections(0);

        hipChat.verify();
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void aClientThatNeverGivesUpFailsTheTest() throws Exception {
        FakeHipChat impatient = FakeHipChat.start(Duration.ofMillis(200));
        impatient.reacts(Reaction.hangs());
        try (Socket client = connectedTo(impatient)) {
            send(client, "alerts");
            impatient.awaitRequests(1);

            assertThatThrownBy(impatient::close)
                    .isInstanceOf(AssertionError.class)
                    .satisfies(failure -> assertThat(failure.getSuppressed())
                            .singleElement()
                            .satisfies(one -> assertThat(one).hasMessageContaining("did not give up")));
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void waitingForWhatDoesNotHappenFails() {
        try (FakeHipChat impatient = FakeHipChat.start(Duration.ofMillis(50))) {
            assertThatThrownBy(() -> impatient.awaitRequests(1))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("1 requests");
        }
    }

    // Clients

    private HttpResponse<String> post(String room, String message) throws Exception {
        return post(room, message, "");
    }

    private HttpResponse<String> post(String room, String message, String query, Reaction reaction) throws Exception {
        hipChat.reacts(room, reaction);
        return post(room, message, query);
    }

    private HttpResponse<String> post(String room, String message, String query) throws Exception {
        return HttpClient.newHttpClient().send(request(room, message, query), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> postAsync(String room) {
        return HttpClient.newHttpClient().sendAsync(request(room, "down", ""), BodyHandlers.ofString());
    }

    private HttpRequest request(String room, String message, String query) {
        return HttpRequest.newBuilder(URI.create(hipChat.url() + "/" + room + "/notification" + query))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(LONG)
                .header("Authorization", "Bearer the-token")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"from\":\"kapacitor\",\"color\":\"red\",\"message\":\""
                        + message + "\",\"notify\":true,\"message_format\":\"text\"}"))
                .build();
    }

    private Socket connected() throws IOException {
        return connectedTo(hipChat);
    }

    private static Socket connectedTo(FakeHipChat server) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    private Socket sent(String room) throws IOException {
        Socket client = connected();
        send(client, room);
        return client;
    }

    private static void send(Socket client, String room) throws IOException {
        client.getOutputStream()
                .write(("POST /v2/room/" + room + "/notification HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
                        .getBytes(UTF_8));
    }

    private void giveUpOn(String room) throws IOException {
        int before = hipChat.requests().size();
        try (Socket client = sent(room)) {
            hipChat.awaitRequests(before + 1);
            assertThat(client.isConnected()).isTrue();
        }
    }

    /** Returns all bytes up to the end of the connection. */
    private String whole(String room) throws IOException {
        try (Socket client = sent(room)) {
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static String firstLine(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        StringBuilder line = new StringBuilder();
        int next;
        while ((next = in.read()) >= 0 && next != '\n') {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
