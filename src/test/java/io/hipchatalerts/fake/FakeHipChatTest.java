package io.hipchatalerts.fake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
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
        try (Socket client = connected()) {
            write(client, "POST /v2/room/a%2Fb+c%20%C3%9C/notification?x=1&auth_token=a%2Bb HTTP/1.1\r\n\r\n");
            assertThat(firstLine(client)).isEqualTo("HTTP/1.1 204 Status");
        }

        ReceivedRequest request = hipChat.onlyRequest();
        assertThat(request.room()).isEqualTo("a/b+c Ü");
        assertThat(request.token()).isEqualTo("a+b");
        assertThat(request.path()).isEqualTo("/v2/room/a%2Fb+c%20%C3%9C/notification");
        assertThat(request.query()).isEqualTo("x=1&auth_token=a%2Bb");
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

    @Test
    void aDelayedAnswerIsDroppedWhenTheClientGivesUp() throws Exception {
        hipChat.reacts(Reaction.accepts().onceReleased());
        giveUpOn("alerts");
        hipChat.awaitGivenUp(1);

        hipChat.release();

        hipChat.reacts("other", Reaction.accepts());
        assertThat(post("other", "down").statusCode()).isEqualTo(204);
        assertThat(hipChat.accepted("alerts")).isEmpty();
    }

    @Test
    void aMessageAcceptedAfterAResetIsNotInTheNewRecords() throws Exception {
        hipChat.reacts(exchange -> exchange.onceReleased(exchange::accept));
        giveUpOn("alerts");
        hipChat.awaitGivenUp(1);
        hipChat.reset();

        hipChat.release();
        post("other", "down");

        assertThat(hipChat.accepted())
                .extracting(acceptance -> acceptance.request().room())
                .containsExactly("other");
    }

    // Answers that do not arrive

    @Test
    void anAnswerThatTheClientMayNotHaveReadIsKnown() throws Exception {
        // A client that a busy machine stops for seconds before it closes the connection counts as one that has read.
        await().atMost(Duration.ofSeconds(50)).until(() -> {
            giveUpOn("alerts");
            hipChat.awaitOpenConnections(0);
            return hipChat.perhapsUnread().size() == 1;
        });

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
        assertOnlyFailure(hipChat::verify).hasMessageContaining("used it again");
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

            assertOnlyFailure(
                            switch (end) {
                                case "verify" -> failing::verify;
                                case "reset" -> failing::reset;
                                default -> failing::close;
                            })
                    .hasRootCauseMessage("not this room");
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
        try (Socket client = sent("alerts")) {
            assertThat(firstLine(client)).isEqualTo("HTTP/1.1 204 Status");
            // The failure cuts the connection.
            hipChat.awaitOpenConnections(0);
        }

        assertOnlyFailure(hipChat::verify).hasRootCauseMessage("too late");
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
            write(client, request);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }

        assertOnlyFailure(hipChat::verify).hasMessageContaining("malformed");
    }

    @Test
    void aClientThatNeverGivesUpFailsTheTest() throws Exception {
        FakeHipChat impatient = FakeHipChat.start(Duration.ofMillis(200));
        CountDownLatch hangs = new CountDownLatch(1);
        impatient.reacts(Reaction.hangs().then(hangs::countDown));
        try (Socket client = connectedTo(impatient)) {
            send(client, "alerts");
            hangs.await();

            assertOnlyFailure(impatient::close).hasMessageContaining("did not give up");
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
        HttpRequest request = HttpRequest.newBuilder(URI.create(hipChat.url() + "/" + room + "/notification"))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(LONG)
                .header("Authorization", "Bearer the-token")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"from\":\"kapacitor\",\"color\":\"red\",\"message\":\""
                        + message + "\",\"notify\":true,\"message_format\":\"text\"}"))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
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
        write(client, "POST /v2/room/" + room + "/notification HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
    }

    private static void write(Socket client, String request) throws IOException {
        client.getOutputStream().write(request.getBytes(UTF_8));
    }

    private void giveUpOn(String room) throws IOException {
        int before = hipChat.requests().size();
        try (Socket client = sent(room)) {
            hipChat.awaitRequests(before + 1);
            assertThat(client.isConnected()).isTrue();
        }
    }

    private static String firstLine(Socket client) throws IOException {
        return new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8)).readLine();
    }

    private static AbstractThrowableAssert<?, ?> assertOnlyFailure(ThrowingCallable end) {
        AssertionError failures = catchThrowableOfType(AssertionError.class, end);
        assertThat(failures.getSuppressed()).hasSize(1);
        return assertThat(failures.getSuppressed()[0]);
    }
}
