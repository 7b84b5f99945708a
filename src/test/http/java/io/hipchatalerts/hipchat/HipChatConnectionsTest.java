package io.hipchatalerts.hipchat;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.OwnThread;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.fake.Answer;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.jboss.resteasy.reactive.client.api.QuarkusRestClientProperties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A fault of one connection to HipChat costs no worker, no other connection and no later message. */
@QuarkusTest
@WithHipChat("hipchat.deadline=60s")
@Timeout(180)
class HipChatConnectionsTest extends HipChatTest {

    private static final Token TOKEN = new Token(HipChatResource.TOKEN);
    private static final Notification NOTIFICATION = new Notification("kapacitor", "red", "m", true, "text");
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

    /** A connection that only the request timeout closes stays open longer than this. */
    private static final Duration SOON = Duration.ofSeconds(17);

    /** A busy machine may need longer for the request itself; then it is sent again. */
    private static final Duration GIVEN_UP = Duration.ofSeconds(1);

    private static final String HALF = "{\"error\":{\"message\":\"half";

    @Inject
    HipChatConfig config;

    @Inject
    Vertx vertx;

    @Inject
    ManagedExecutor executor;

    /** The program's own, with its configuration. */
    @Inject
    HipChatClient client;

    @BeforeEach
    void startWithoutConnections() {
        hipChat.awaitOpenConnections(0);
    }

    static Stream<Arguments> faultyAnswers() {
        Duration pause = Duration.ofMillis(5);
        Answer accepted = Reaction.accepts(200);
        Answer refused = Reaction.answers(401).body(HALF);
        return Stream.of(
                arguments(named("200, stalled body", accepted.stallsInBody()), "200"),
                arguments(named("200, trickling body", accepted.trickles(pause)), "200"),
                arguments(named("200, endless body", accepted.neverEnds()), "200"),
                arguments(named("200, body cut off", accepted.breaksOffInBody()), "200"),
                arguments(named("200, malformed body", accepted.hasGarbageForBody()), "200"),
                arguments(named("204, whole body", Reaction.accepts(204).body("HTTP/1.1 401 No\r\n\r\n")), "204"),
                arguments(named("204, stalled body", Reaction.accepts(204).stallsInBody()), "204"),
                arguments(named("204, endless body", Reaction.accepts(204).neverEnds()), "204"),
                arguments(named("500, ten bytes missing", tenBytesMissing()), "500"),
                arguments(named("500, trickling body", Reaction.answers(500).trickles(pause)), "500"),
                arguments(named("429, endless body", Reaction.throttles().neverEnds()), "429"),
                arguments(named("401, stalled body", refused.stallsInBody()), "401 " + HALF),
                // The client drops the text that it has when the connection ends before it is read.
                arguments(named("401, body cut off", refused.breaksOffInBody()), "401"),
                arguments(named("401, trickling body", refused.trickles(pause)), "401 " + HALF),
                arguments(named("401, endless body", refused.neverEnds()), "401 " + HALF));
    }

    private static Reaction tenBytesMissing() {
        return exchange -> {
            exchange.write("HTTP/1.1 500 Status\r\nContent-Length: 10\r\n\r\n");
            exchange.stall();
        };
    }

    @ParameterizedTest
    @MethodSource("faultyAnswers")
    void aStatusIsAnAnswerWhateverHappensToItsBody(Reaction faulty, String detail) {
        hipChat.reacts("faulty", faulty);
        long start = System.nanoTime();

        SendResult result = client.send("faulty", TOKEN, NOTIFICATION, REQUEST_TIMEOUT);

        assertThat(result.detail()).startsWith(detail);
        hipChat.awaitOpenConnections(0);
        assertThat(since(start)).isLessThan(SOON);
        assertNextMessageIsAccepted();
    }

    static Stream<Named<Reaction>> endlessTexts() {
        Answer refusal = Reaction.answers(401).body(HALF);
        return Stream.of(
                named("trickling", refusal.trickles(Duration.ofMillis(5))), named("endless", refusal.neverEnds()));
    }

    @ParameterizedTest
    @MethodSource("endlessTexts")
    void theDetailHasWhatComesInTimeOfATextThatNeverEnds(Reaction endless) {
        hipChat.reacts("endless", endless);

        // On a busy machine, nothing may come in time after the text that comes with the head.
        await().atMost(Duration.ofSeconds(60)).until(() -> client.send("endless", TOKEN, NOTIFICATION, REQUEST_TIMEOUT)
                .detail()
                .startsWith("401 " + HALF + "x"));
    }

    static Stream<Named<Reaction>> silence() {
        return Stream.of(
                named("no answer", Reaction.hangs()),
                named("accepted, no answer", Reaction.acceptsAndHangs()),
                named("half a head", Reaction.accepts().stallsInHead()));
    }

    @ParameterizedTest
    @MethodSource("silence")
    void aRequestThatIsGivenUpLeavesNoConnection(Reaction silent) {
        hipChat.reacts("silent", silent);

        long start;
        do {
            SendResult result = client.send("silent", TOKEN, NOTIFICATION, GIVEN_UP);
            start = System.nanoTime();

            assertThat(result).isInstanceOf(SendResult.InDoubt.class);
        } while (hipChat.requests("silent").isEmpty());

        hipChat.awaitGivenUp(1);
        hipChat.awaitOpenConnections(0);
        assertThat(since(start)).isLessThan(SOON);
        assertNextMessageIsAccepted();
    }

    static Stream<Named<Reaction>> noHttp() {
        return Stream.of(
                named("closed", Reaction.closes()),
                named("reset", Reaction.cuts()),
                named("accepted and reset", Reaction.acceptsAndCuts()),
                named("garbage", Reaction.answersGarbage()),
                named("head cut off", Reaction.accepts().breaksOffInHead()));
    }

    @ParameterizedTest
    @MethodSource("noHttp")
    void aRequestWhoseConnectionBreaksIsInDoubtAtOnce(Reaction broken) {
        hipChat.reacts("broken", broken);
        long start = System.nanoTime();

        SendResult result = client.send("broken", TOKEN, NOTIFICATION, REQUEST_TIMEOUT);

        assertThat(result).isInstanceOf(SendResult.InDoubt.class);
        hipChat.awaitOpenConnections(0);
        assertThat(since(start)).isLessThan(SOON);
        assertNextMessageIsAccepted();
    }

    static Stream<Named<String>> answersWithMoreThanTheirBody() {
        return Stream.of(
                named("204 with a body of no length", "HTTP/1.1 204 No Content\r\n\r\nhello"),
                named("204 with more than its length", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\nhello"),
                named("200 with more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokhello"));
    }

    /** Otherwise the rest is read as the next answer, and its message is sent twice. */
    @ParameterizedTest
    @MethodSource("answersWithMoreThanTheirBody")
    void whatFollowsAnAnswerIsNoPartOfTheNext(String answer) {
        hipChat.reactsInTurn(exchange -> {
            exchange.accept();
            exchange.write(answer);
            exchange.stall();
        });

        for (int message = 0; message < 3; message++) {
            assertThat(client.send("a", TOKEN, NOTIFICATION, REQUEST_TIMEOUT)).isInstanceOf(SendResult.Accepted.class);
        }

        assertThat(hipChat.requests("a")).hasSize(3);
        hipChat.awaitOpenConnections(0);
    }

    @Test
    void anInterimStatusIsNoAnswer() {
        hipChat.reacts("interim", exchange -> {
            exchange.write("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
            exchange.stall();
        });

        assertThat(client.send("interim", TOKEN, NOTIFICATION, REQUEST_TIMEOUT))
                .isNotInstanceOf(SendResult.Rejected.class);
        assertNextMessageIsAccepted();
    }

    /** A close that waits for the rest of the request to arrive would leave its bytes with the kernel. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"after the request, http", "during the TLS handshake, https"})
    void aCallThatIsGivenUpResetsItsConnection(String when, String scheme) throws IOException {
        try (ServerSocket server = listener(10)) {
            HipChatClient client = clientOf(scheme, server);
            // A busy machine may give up before it connects, or after the handshake has ended.
            String end = await().atMost(Duration.ofSeconds(90))
                    .ignoreExceptionsInstanceOf(SocketTimeoutException.class)
                    .until(() -> endAfterGivingUp(client, server), any -> true);

            assertThat(end).isEqualTo("Connection reset");
        }
    }

    private static String endAfterGivingUp(HipChatClient client, ServerSocket server) throws IOException {
        server.setSoTimeout(5_000);
        CompletableFuture<SendResult> result = OwnThread.supply(() -> send(client, GIVEN_UP));
        try (Socket connection = server.accept()) {
            connection.setSoTimeout(30_000);
            String end = endOf(connection);
            assertGivenUp(result.join());
            return end;
        }
    }

    private static void assertGivenUp(SendResult result) throws SocketTimeoutException {
        if (result instanceof SendResult.NotSent) {
            throw new SocketTimeoutException("the call was not given up, but failed before");
        }
        assertThat(result).isInstanceOf(SendResult.InDoubt.class);
    }

    @Test
    void aCallThatIsGivenUpWhileItConnectsSendsNothingLater() {
        // A busy machine may begin to connect too late, or give up too late: then there is no connection to look at.
        byte[] received = await().atMost(Duration.ofMinutes(2))
                .ignoreExceptionsInstanceOf(SocketTimeoutException.class)
                .until(this::receivedAfterGivingUp, bytes -> true);

        assertThat(received).isEmpty();
    }

    private byte[] receivedAfterGivingUp() throws IOException {
        List<Socket> backlog = new ArrayList<>();
        try (ServerSocket server = listener(1)) {
            server.setSoTimeout(3_000);
            fill(server, backlog);

            SendResult result = send(clientOf("http", server), Duration.ofMillis(300));

            assertGivenUp(result);
            Set<Integer> others = new HashSet<>();
            backlog.forEach(socket -> others.add(socket.getLocalPort()));
            // The kernel connects again after a second, when the backlog has room.
            Socket late = server.accept();
            while (others.contains(late.getPort())) {
                late = server.accept();
            }
            return received(late);
        } finally {
            for (Socket socket : backlog) {
                socket.close();
            }
        }
    }

    /** Returns everything up to the end of the connection. */
    private static byte[] received(Socket connection) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (connection) {
            connection.setSoTimeout(60_000);
            connection.getInputStream().transferTo(received);
        } catch (SocketTimeoutException open) {
            throw new IllegalStateException(open);
        } catch (SocketException reset) {
            // It ends all the same.
        }
        return received.toByteArray();
    }

    private static void fill(ServerSocket server, List<Socket> backlog) throws IOException {
        while (true) {
            Socket socket = new Socket();
            backlog.add(socket);
            try {
                socket.connect(server.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
    }

    @Test
    void aTlsHandshakeThatNeverEndsIsADefiniteFailure() throws IOException {
        try (ServerSocket server = listener(10)) {
            SendResult result = send(clientOf("https", server), REQUEST_TIMEOUT);

            assertThat(result).isInstanceOf(SendResult.NotSent.class);
        }
    }

    @Test
    void aCallThatFindsNoFreeConnectionEndsAtOnceAndSendsNothingLater() {
        HipChatClient small = clientAt(URI.create(hipChat.url()), 2);
        hipChat.reacts("full", Reaction.accepts().onceReleased());
        List<CompletableFuture<SendResult>> first = Stream.generate(
                        () -> OwnThread.supply(() -> small.send("full", TOKEN, NOTIFICATION, SOON)))
                .limit(2)
                .toList();
        hipChat.awaitRequests(2);

        SendResult third = small.send("third", TOKEN, NOTIFICATION, SOON);

        assertThat(third).isInstanceOf(SendResult.NotSent.class);
        hipChat.release();
        assertThat(first).allSatisfy(result -> assertThat(result.join()).isEqualTo(new SendResult.Accepted("204")));
        // An answer is here before its connection is free.
        await().atMost(Duration.ofSeconds(30))
                .until(() -> small.send("fourth", TOKEN, NOTIFICATION, SOON) instanceof SendResult.Accepted);
        assertThat(hipChat.requests("third")).isEmpty();
    }

    static Stream<Arguments> stalls() {
        return Stream.of(
                arguments(named("no answer", Reaction.answers(401).onceReleased()), true),
                arguments(named("401, trickling body", Reaction.answers(401).trickles(Duration.ofMillis(50))), false),
                arguments(named("500, stalled body", Reaction.answers(500).stallsInBody()), true));
    }

    @ParameterizedTest
    @MethodSource("stalls")
    void aHundredStalledAnswersLeaveTheProgramReady(Reaction stalled, boolean untilTheDeadline) {
        HttpClient caller = HttpClient.newHttpClient();
        // The first hundred load the classes and start the threads.
        assertThat(answers(caller))
                .allSatisfy(answer -> assertThat(answer.join()).isEqualTo(200));
        int before = hipChat.requests("stalled").size();
        hipChat.reacts("stalled", stalled);

        List<CompletableFuture<Integer>> answers = answers(caller);
        hipChat.awaitRequests("stalled", before + 100);
        for (int look = 0; look < 3; look++) {
            given().get("/q/health/ready").then().statusCode(200);
        }

        // Stalled workers hold up each look until the deadline.
        assertThat(answers.stream().noneMatch(CompletableFuture::isDone) || !untilTheDeadline)
                .isTrue();
        hipChat.reacts("stalled", Reaction.accepts());
        hipChat.release();
        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isIn(200, 422));
        given().contentType("application/json")
                .body("{\"id\":\"a\",\"level\":\"OK\"}")
                .post("/hipchat?room=stalled")
                .then()
                .statusCode(200)
                .body("status", is("sent"));
        hipChat.awaitOpenConnections(0);
    }

    private static List<CompletableFuture<Integer>> answers(HttpClient caller) {
        return IntStream.range(0, 100)
                .mapToObj(i ->
                        caller.sendAsync(event(i), BodyHandlers.discarding()).thenApply(answer -> answer.statusCode()))
                .toList();
    }

    private static HttpRequest event(int number) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + "/hipchat?room=stalled"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"" + number + "\",\"level\":\"CRITICAL\"}"))
                .build();
    }

    @Test
    void theWarmUpCallsTheProgramItselfAndHipChatSeesNoRequest() {
        // A busy machine may need more than the time of one call.
        await().atMost(Duration.ofSeconds(90)).until(() -> WarmUp.callItself(executor));

        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void aFullThreadPoolSkipsTheWarmUp() {
        assertThat(WarmUp.callItself(task -> {
                    throw new RejectedExecutionException("no thread");
                }))
                .isFalse();
    }

    private void assertNextMessageIsAccepted() {
        int before = hipChat.accepted("next").size();

        assertThat(client.send("next", TOKEN, NOTIFICATION, REQUEST_TIMEOUT)).isEqualTo(new SendResult.Accepted("204"));

        assertThat(hipChat.accepted("next")).hasSize(before + 1);
    }

    /** Head and garbage arrive together, which is a race between two events of the client. */
    @Test
    void anAcceptedMessageIsAcceptedHoweverOftenItsBodyIsGarbage() {
        hipChat.reacts("garbage", Reaction.accepts(200).hasGarbageForBody());
        HipChatClient client = clientAt(URI.create(hipChat.url()), 10);

        List<SendResult> results = IntStream.range(0, 300)
                .mapToObj(i -> client.send("garbage", TOKEN, NOTIFICATION, REQUEST_TIMEOUT))
                .filter(result -> !(result instanceof SendResult.Accepted))
                .toList();

        assertThat(results).isEmpty();
    }

    private static SendResult send(HipChatClient client, Duration timeout) {
        return client.send("a", TOKEN, NOTIFICATION, timeout);
    }

    private HipChatClient clientOf(String scheme, ServerSocket server) {
        return clientAt(URI.create(scheme + "://127.0.0.1:" + server.getLocalPort()), 10);
    }

    private HipChatClient clientAt(URI address, int poolSize) {
        HipChatApi api = QuarkusRestClientBuilder.newBuilder()
                .baseUri(address)
                .property(QuarkusRestClientProperties.CONNECTION_POOL_SIZE, poolSize)
                .build(HipChatApi.class);
        InstantSource clock = InstantSource.system();
        RoomThrottle throttle = new RoomThrottle(clock, new java.util.Random(7));
        return new HipChatClient(api, vertx, task -> task, config, clock, throttle, new SimpleMeterRegistry());
    }

    private static ServerSocket listener(int backlog) throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), backlog);
        server.setSoTimeout(20_000);
        return server;
    }

    /** Reads everything and returns how the connection ends. */
    private static String endOf(Socket connection) throws IOException {
        try {
            connection.getInputStream().readAllBytes();
            return "closed";
        } catch (SocketTimeoutException open) {
            throw open;
        } catch (SocketException reset) {
            return reset.getMessage();
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
