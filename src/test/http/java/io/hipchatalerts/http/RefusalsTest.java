package io.hipchatalerts.http;

import static io.hipchatalerts.http.RawHttp.answer;
import static io.hipchatalerts.http.RawHttp.post;
import static io.hipchatalerts.http.RawHttp.sent;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.CapturedLog;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every error answer is a problem, has one log line and one count, and closes its connection. The program has no
 * setting, so it is disabled (K §1.1), and skips every alert.
 */
@QuarkusTest
@Timeout(120)
class RefusalsTest {

    /** The connections of Kapacitor, which never closes those of error answers. */
    private static final int CONNECTIONS = 200;

    /** Vert.x logs with it that an event loop was held up, by whatever it was. */
    private static final String BUSY_MACHINE = "BlockedThreadChecker";

    private static final String HEAD = "Host: x\r\nContent-Type: application/json\r\n";

    private static final String BINARY = HEAD + "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: s\r\nce-type: t\r\n";

    private static final String ROOM_PARAMETER = "the query parameter \\\"room\\\"";
    private static final String TOPIC_PARAMETER = "the query parameter \\\"topic\\\"";

    private final CapturedLog log = new CapturedLog("", "%c %p %m");

    /** Fails like a bug between the body and the function. */
    @ApplicationScoped
    static class Bug {

        void install(@Observes Router router) {
            router.route("/hipchat").order(-1).handler(request -> {
                if (request.request().headers().contains("X-Bug")) {
                    throw new IllegalStateException("a bug of the test");
                }
                request.next();
            });
        }
    }

    @AfterEach
    void stopListening() {
        log.close();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                arguments(400, "not one JSON text", post("/hipchat", HEAD, "{")),
                arguments(400, "level", post("/hipchat", HEAD, "{\"id\":\"a\"}")),
                arguments(400, "nested too deeply", post("/hipchat", HEAD, "[".repeat(2_000))),
                arguments(400, "CloudEvent", post("/", "Host: x\r\nCe-Id: 1\r\n", "{}")),
                arguments(400, "ce-topic must be percent-encoded", post("/", BINARY + "ce-topic: café\r\n", "{}")),
                arguments(400, ROOM_PARAMETER, post("/hipchat?room=%zz", HEAD, "{}")),
                arguments(400, ROOM_PARAMETER, post("/?topic=a&room=%", HEAD, "{}")),
                arguments(400, ROOM_PARAMETER, post("/hipchat?room={{.Group}}&x=y", HEAD, "{}")),
                arguments(400, ROOM_PARAMETER, post("/hipchat?room=café", HEAD, "{}")),
                arguments(400, ROOM_PARAMETER, post("/hipchat?room=caf%e9", HEAD, "{}")),
                arguments(400, TOPIC_PARAMETER, post("/?stateChangesOnly=1h&topic=é", HEAD, "{}")),
                arguments(400, TOPIC_PARAMETER, post("/hipchat?topic=%c3&room=a", HEAD, "{}")),
                arguments(400, "the path", post("/q/café", HEAD, "{}")),
                arguments(400, "the name of a query parameter", post("/hipchat?ro%om=a", HEAD, "{}")),
                arguments(400, "the path", post("/%zz", HEAD, "{}")),
                arguments(400, "the path", post("/nope%", HEAD, "{}")),
                arguments(400, "the query parameter", get("/q/metrics?x=%zz")),
                arguments(400, "'Host' header", post("/hipchat", "", "{}")),
                arguments(400, "must start with '/'", post("?room=a", HEAD, "{}")),
                arguments(404, "/nope", post("/nope", HEAD, "{}")),
                arguments(404, "POST alert events to exactly /hipchat or /", post("/nope", HEAD, "{}")),
                arguments(404, "/./hipchat", post("/./hipchat", HEAD, "{}")),
                arguments(404, "/%68ipchat", post("/%68ipchat", HEAD, "{}")),
                arguments(404, "/nope", get("/nope")),
                arguments(404, "/hipchat/", post("/hipchat/", HEAD, "{}")),
                arguments(404, "//hipchat", post("//hipchat", HEAD, "{}")),
                arguments(404, "hipchat", post("hipchat", HEAD, "{}")),
                arguments(404, "/q", get("/q")),
                arguments(404, "/q/", post("/q/", HEAD, "{}")),
                arguments(404, "/q/nope", get("/q/nope")),
                arguments(404, "/q/nope", post("/q/nope", HEAD + "ce-id: 1\r\n", "{}")),
                arguments(404, "/dev/nope", get("/dev/nope")),
                arguments(404, "/q/..", post("/q/../hipchat", HEAD, "{}")),
                arguments(404, "/dev/..", get("/dev/..")),
                arguments(404, "*", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
                arguments(404, "/nope", post("/nope", HEAD, "x".repeat(1_100_000))),
                arguments(405, "POST", get("/")),
                arguments(413, "quarkus.http.limits.max-body-size", post("/hipchat", HEAD, "x".repeat(1_100_000))),
                arguments(
                        413,
                        "quarkus.http.limits.max-body-size",
                        "POST / HTTP/1.1\r\n" + HEAD + "Transfer-Encoding: chunked\r\n\r\n10c8e0\r\n"
                                + "x".repeat(1_100_000) + "\r\n0\r\n\r\n"),
                arguments(415, "text/plain", ofMediaType("text/plain", "{}")),
                arguments(415, "application/json", ofMediaType("application/xml", "{}")),
                arguments(415, "application/json", ofMediaType("application/cloudevents+xml", "{}")),
                arguments(415, "application/json", ofMediaType("garbage", "{}")),
                arguments(415, "one by one", ofMediaType("application/cloudevents-batch+json", "[{}]")),
                // curl's default.
                arguments(
                        415,
                        "Content-Type: application/json",
                        ofMediaType("application/x-www-form-urlencoded", "id=a")),
                arguments(417, "100-continue", post("/hipchat", HEAD + "Expect: foo\r\n", "{}")));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("refusals")
    void eachIsAProblemWithOneLogLineOneCountAndAClosedConnection(int status, String detail, String request)
            throws IOException {
        double invalid = Scrape.events("invalid");

        String answer = answer(request);

        assertThat(answer)
                .startsWith("HTTP/1.1 " + status)
                .containsIgnoringCase("connection: close")
                .contains("application/problem+json", "\"status\":" + status, detail);
        assertThat(Scrape.events("invalid")).isEqualTo(invalid + 1);
        assertThat(lines())
                .singleElement()
                .asString()
                .startsWith("io.hipchatalerts.alert INFO")
                .contains("status=invalid", detail);
    }

    /** What src/docs/operations.md says about the server itself. Netty cannot read these heads, so no code of ours runs. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("unreadableHeads")
    void theServerItselfRefusesAnUnreadableHeadWithoutABody(int status, String request) throws IOException {
        double invalid = Scrape.events("invalid");

        // Netty takes a first line that it cannot read for one of HTTP/1.0.
        assertThat(answer(request)).matches("(?is)HTTP/1\\.[01] " + status + " .*content-length: 0\r\n\r\n");
        assertThat(Scrape.events("invalid")).isEqualTo(invalid);
        assertThat(log.lines()).allMatch(line -> line.contains(BUSY_MACHINE));
    }

    static Stream<Arguments> unreadableHeads() {
        return Stream.of(
                arguments(400, post("/hipchat?room=a b", HEAD, "{}")),
                arguments(400, "POST\r\n" + HEAD + "\r\n"),
                arguments(400, post("/hipchat", HEAD + "X Y: z\r\n", "{}")),
                arguments(400, post("/hipchat", HEAD + "Content-Length: 3\r\n", "{}")),
                arguments(400, "POST /hipchat HTTP/1.1\r\n" + HEAD + "Content-Length: -1\r\n\r\n"),
                arguments(414, post("/hipchat?room=" + "a".repeat(4096), HEAD, "{}")),
                arguments(431, post("/hipchat", HEAD + "X: " + "a".repeat(20_480) + "\r\n", "{}")));
    }

    @Test
    void aMalformedChunkIsAnInvalidRequestAndNoBug() throws IOException {
        double invalid = Scrape.events("invalid");

        // Vert.x closes the connection before the answer is written, and perhaps before the request is counted and
        // logged.
        answer("POST /hipchat HTTP/1.1\r\n" + HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");

        await().atMost(Duration.ofSeconds(30)).until(() -> !lines().isEmpty());
        assertThat(Scrape.events("invalid")).isEqualTo(invalid + 1);
        assertThat(lines()).singleElement().asString().contains("status=invalid", "chunks are malformed");
    }

    @Test
    void aBugIs500WithItsLogLineAndItsCount() throws IOException {
        double failed = Scrape.events("failed");

        String answer = answer(post("/hipchat", HEAD + "X-Bug: 1\r\n", "{\"id\":\"a\",\"level\":\"OK\"}"));

        assertThat(answer).startsWith("HTTP/1.1 500").contains("application/problem+json");
        assertThat(Scrape.events("failed")).isEqualTo(failed + 1);
        assertThat(lines()).hasSize(2);
        assertThat(lines().get(0)).contains(".Problems ERROR");
        assertThat(lines().get(1))
                .startsWith("io.hipchatalerts.alert INFO")
                .contains("status=failed", "detail=\"a bug, IllegalStateException\"");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            an alert              | /hipchat                        | {"id":"a","level":"CRITICAL"}
            a flush               | /hipchat                        | {"flush": true}
            the empty event       | /hipchat                        | {"id":"","message":"","level":"OK"}
            a query that is wrong | /hipchat?stateChangesOnly=often | {"id":"a","level":"CRITICAL"}
            """)
    void aDisabledProgramSkipsEveryEvent(String what, String address, String body) {
        given().contentType("application/json")
                .body(body)
                .post(address)
                .then()
                .statusCode(200)
                .body("status", is("skipped"))
                .body("reason", is("disabled"))
                .body("deliveries", empty());
        assertThat(lines())
                .singleElement()
                .asString()
                .startsWith("io.hipchatalerts." + (what.equals("a flush") ? "pending INFO flush " : "alert INFO "))
                .contains("status=skipped reason=disabled");
    }

    @Test
    void noConnectionStaysOpenAfterAnErrorAlthoughItsCallerNeverClosesIt() throws IOException {
        List<String> requests = refusals()
                .map(refusal -> (String) refusal.get()[2])
                .filter(request -> request.length() < 1000)
                .toList();
        List<Socket> callers = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                callers.add(sent(requests.get(i % requests.size())));
            }
            for (Socket caller : callers) {
                // Ends when the function closes the connection.
                assertThat(new String(caller.getInputStream().readAllBytes(), UTF_8))
                        .startsWith("HTTP/1.1 4")
                        .endsWith("}");
            }
        } finally {
            for (Socket caller : callers) {
                caller.close();
            }
        }
    }

    @Test
    void aConnectionStaysOpenAfterAnythingElse() throws IOException {
        String alert = post("/hipchat", HEAD, "{\"id\":\"a\",\"level\":\"OK\"}");
        try (Socket caller = sent(alert)) {
            assertSkipped(caller);
            caller.getOutputStream().write(alert.getBytes(UTF_8));
            assertSkipped(caller);
        }
    }

    /** Reads one answer to its end. */
    private static void assertSkipped(Socket caller) throws IOException {
        assertThat(new String(caller.getInputStream().readNBytes(12), UTF_8)).isEqualTo("HTTP/1.1 200");
        while (caller.getInputStream().read() != '}') {
            // Reads to the end of the outcome.
        }
    }

    @Test
    void aConnectionOfHttp2StaysOpen() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + "/nope"))
                .build();
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.headers().firstValue("Connection")).isEmpty();
        }
    }

    /** Nothing of them is logged or counted. */
    @Test
    void healthAndMetricsKeepTheirOwnAnswers() {
        double invalid = Scrape.events("invalid");

        given().get("/q/metrics").then().statusCode(200);
        given().get("/q/health/live").then().statusCode(200).body("status", is("UP"));
        given().get("/q/health/group/nope").then().statusCode(200).body("status", is("UP"));
        given().get("/q/metrics/nope").then().statusCode(200);

        assertThat(Scrape.events("invalid")).isEqualTo(invalid);
        assertThat(lines()).isEmpty();
    }

    /** Returns the lines of the program and of Quarkus' HTTP server; others are not about a request. */
    private List<String> lines() {
        return log.lines().stream()
                .filter(line -> line.startsWith("io.hipchatalerts.") || line.startsWith("io.quarkus.vertx.http."))
                .toList();
    }

    private static String get(String address) {
        return "GET " + address + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private static String ofMediaType(String mediaType, String body) {
        return post("/hipchat", "Host: x\r\nContent-Type: " + mediaType + "\r\n", body);
    }
}
