package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Named.named;

import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The function from outside, over HTTP and as CloudEvents, with a real server in the place of HipChat. HttpIT repeats
 * these tests with the native executable, so they go once through each part of the program.
 */
@QuarkusTest
@WithHipChat
class HttpTest extends HipChatTest {

    private static final String ALERT = "{\"id\":\"a\",\"level\":\"OK\"}";

    /** An event from a bus has to name HipChat. */
    private static final String ADDRESSED = "{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}";

    private static final String ATTRIBUTES =
            "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"kapacitor\",\"type\":\"t\"";
    private static final Map<String, String> HEADERS =
            Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "kapacitor", "ce-type", "t");

    @ParameterizedTest
    @ValueSource(strings = {"/hipchat", "/"})
    void anAlertIsSentAndAnsweredWithItsOutcome(String path) {
        send(given(), path, "{\"id\":\"cpu:host=web01\",\"level\":\"CRITICAL\",\"message\":\"cpu is at 97 %\"}")
                .statusCode(200)
                .contentType("application/json")
                .body(equalTo(
                        "{\"status\":\"sent\",\"reason\":null,\"degraded\":false,\"deliveries\":[{\"handler\":null,"
                                + "\"room\":\"alerts\",\"status\":\"sent\",\"reason\":null,\"attempts\":1}]}"));

        ReceivedRequest sent = hipChat.onlyRequest();
        assertThat(sent.method()).isEqualTo("POST");
        assertThat(sent.target()).isEqualTo("/v2/room/alerts/notification");
        assertThat(sent.header("Authorization")).contains("Bearer " + HipChatResource.TOKEN);
        assertThat(sent.header("Content-Type")).contains("application/json");
        assertThat(sent.body())
                .isEqualTo("{\"from\":\"kapacitor\",\"color\":\"red\",\"message\":\"cpu is at 97 %\",\"notify\":true,"
                        + "\"message_format\":\"text\"}");
    }

    /** Real samples, each unusual in its own way; AlertReaderTest reads all of them. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            01-server-test-normal.json                   | message
            11-log-message-with-angle-brackets-2025.json | 'HTTP 500 error detected: Status code <no value> on '
            12-exec-jira-html-details-2020.json          | [CRITICAL] JIRA is 0.87 on HOST01.
            21-capital-series-maxint-duration-2017.json  | cpu.idle:nil is CRITICAL
            """)
    void realSamplesAreSent(String sample, String message) throws IOException {
        post(sample(sample)).statusCode(200).body("status", is("sent"));

        assertThat(hipChat.onlyRequest().message()).isEqualTo(message);
        assertThat(hipChat.onlyRequest().color()).isEqualTo("red");
        assertThat(hipChat.onlyRequest().messageFormat()).isEqualTo("text");
    }

    @Test
    void theEmptyEventIsSkipped() throws IOException {
        post(sample("08-service-test-httppost-empty.json"))
                .statusCode(200)
                .body("status", is("skipped"))
                .body("reason", is("empty-event"));

        assertThat(hipChat.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json; charset=utf-8",
                "Application/JSON",
                "application/vnd.kapacitor+json",
                "application/problem+json"
            })
    void anyJsonMediaTypeIsAccepted(String mediaType) {
        raw(mediaType, ALERT).statusCode(200).body("status", is("sent"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``         | ``           | {"room":"","token":null}                   | alerts     | s3cret-hipchat-token
            from query | header-token | {}                                        | from query | header-token
            from query | header-token | {"room":"from/body","token":"body-token"} | from/body  | body-token
            """)
    void theBodysOptionsBeatQueryAndHeaderWhichBeatTheConfiguration(
            String query, String header, String options, String room, String token) {
        send(
                        given().queryParam("room", query).header("X-HipChat-Token", header),
                        "/hipchat",
                        ADDRESSED.replace("{}", options))
                .statusCode(200)
                .body("deliveries.room", contains(room));

        assertThat(hipChat.onlyRequest().room()).isEqualTo(room);
        assertThat(hipChat.onlyRequest().token()).isEqualTo(token);
    }

    /** A caller chooses the room and never the address. PathSegmentTest has rooms without a meaning in an address. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRequestGoesToExactlyTheNamedRoom(boolean inBody) {
        String parts =
                ".. . / // \\ %2e %2E%2e %2f %5c %00 % %25 \u2215 \u2044 \uff0f \u29f8 \uff0e \u2024 @host :80 # ? & ="
                        + " ; http:// [::1] \0 \r\n"
                        + " \t \u0085 + \ufeff \u202e {room} * ~ é 🔥 /notification";
        for (String part : parts.split(" ", -1)) {
            for (String room : List.of(part, "a" + part, part + "/../" + part + " b")) {
                hipChat.reset();
                RequestSpecification query = inBody ? given() : given().queryParam("room", room);
                JsonObject options = inBody ? new JsonObject().put("room", room) : new JsonObject();

                Response answer = query.contentType("application/json")
                        .body(new JsonObject(ALERT).put("options", options).encode())
                        .post("/hipchat");

                boolean isRefused =
                        List.of(".", "..").contains(room) || room.chars().anyMatch(Character::isISOControl);
                assertThat(answer.statusCode()).as(room).isEqualTo(isRefused ? 400 : 200);
                if (isRefused) {
                    assertThat(hipChat.requests()).as(room).isEmpty();
                    continue;
                }
                assertThat(hipChat.onlyRequest().room()).as(room).isEqualTo(room);
                assertThat(hipChat.onlyRequest().target())
                        .as(room)
                        .matches("/v2/room/([A-Za-z0-9._~-]|%[0-9A-F]{2})+/notification");
            }
        }
    }

    // HipChat's answers

    @ParameterizedTest
    @ValueSource(ints = {401, 307})
    void aRefusalOrARedirectIs422WithHipChatsTextAndIsNotRetried(int status) {
        hipChat.reacts(Reaction.refuses(status, "Not here").header("Location", "/v2/room/other/notification"));

        post(ALERT)
                .statusCode(422)
                .contentType("application/problem+json")
                .body("status", is(422))
                .body("type", is("about:blank"))
                .body("title", notNullValue())
                .body("detail", containsString(status + " Not here"))
                .body("deliveries[0].status", is("refused"))
                .body("deliveries[0].attempts", is(1));
        assertThat(hipChat.requests()).hasSize(1);
    }

    static Stream<Named<Reaction>> failures() {
        return Stream.of(
                named("a temporary error", Reaction.answers(500)),
                named("none, and the connection is closed", Reaction.closes()),
                named("none, and the connection is reset", Reaction.cuts()),
                named("not HTTP", Reaction.answersGarbage()),
                named("half of a head", Reaction.answers(500).breaksOffInHead()));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aTemporaryErrorOrABrokenAnswerIsRetried(Reaction failure) {
        hipChat.reactsInTurn(failure);

        post(ALERT).statusCode(200).body("deliveries[0].attempts", is(2));
    }

    @Test
    void aLimitBeyondTheDeadlineIsReturnedAtOnceAsRetryAfter() {
        hipChat.reacts(Reaction.throttles().retryAfter(Duration.ofMinutes(10)));

        ValidatableResponse answer = post(ALERT)
                .statusCode(503)
                .contentType("application/problem+json")
                .body("detail", containsString("429"))
                .body("deliveries[0].status", is("failed"))
                .body("deliveries[0].attempts", is(1));

        Duration since = Duration.between(hipChat.onlyRequest().at(), Instant.now());
        assertThat(Long.parseLong(answer.extract().header("Retry-After"))).isBetween(599 - since.toSeconds(), 600L);
    }

    /** HipChatConnectionsTest has all faults. These two show that an executable has the same limits. */
    @Test
    void whatFollowsAnAnswerIsNoPartOfTheNext() {
        hipChat.reacts(exchange -> {
            exchange.accept();
            exchange.write("HTTP/1.1 204 No Content\r\n\r\nhello");
            exchange.stall();
        });

        for (int message = 0; message < 3; message++) {
            post(ALERT).body("status", is("sent")).body("deliveries[0].attempts", is(1));
        }
    }

    @Test
    void aBodyThatStallsOccupiesNoConnection() {
        hipChat.reacts(Reaction.accepts(200).stallsInBody());
        long start = System.nanoTime();

        post(ALERT).body("status", is("sent"));

        hipChat.awaitOpenConnections(0);
        // The REST client itself would end it after 30 s.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(25));
    }

    // State changes only

    @ParameterizedTest
    @CsvSource({"true, suppressed", "2s, sent"})
    void stateChangesOnlySendsChangesAndDueRemindersAndNothingElse(String stateChangesOnly, String afterTwoSeconds) {
        String id = "sco-" + stateChangesOnly;
        RequestSpecification query = given().queryParam("stateChangesOnly", stateChangesOnly);

        at(query, id, "CRITICAL", 0).body("status", is("sent"));
        at(query, id, "CRITICAL", 1).body("status", is("suppressed")).body("reason", is("unchanged"));
        at(query, id, "CRITICAL", 0).body("status", is("suppressed")).body("reason", is("stale"));
        at(query, id, "CRITICAL", 2).body("status", is(afterTwoSeconds));
        at(query, id, "OK", 3).body("status", is("sent")).body("deliveries.status", contains("sent"));
        at(query, id + "-other", "OK", 0).body("status", is("suppressed")).body("reason", is("unchanged"));
    }

    // CloudEvents

    @Test
    void structuredDataMayComeInBase64AndUnderAnyJsonType() {
        String data = Base64.getEncoder().encodeToString(ADDRESSED.getBytes(UTF_8));

        raw(
                        "application/cloudevents+json; charset=utf-8",
                        structured("\"datacontenttype\":\"application/x+json\",\"data_base64\":\"" + data + "\""))
                .statusCode(200)
                .body("data.status", is("sent"));
    }

    @Test
    void theExtensionAttributeTopicIsTheTopicUnlessTheBodyNamesOne() {
        String event = "{\"id\":\"ext\",\"level\":\"WARNING\",\"options\":{\"stateChangesOnly\":true}%s}";

        send(given().headers(HEADERS).header("ce-topic", "caf%C3%A9"), "/", event.formatted(""))
                .body("status", is("sent"));
        send(given().headers(HEADERS).header("ce-topic", "\"caf%C3%A9\""), "/", event.formatted(""))
                .body("status", is("suppressed"));
        send(given().headers(HEADERS).header("ce-topic", "other"), "/", event.formatted(",\"topic\":\"café\""))
                .body("status", is("suppressed"));
        raw("application/cloudevents+json", structured("\"topic\":\"café\",\"data\":" + event.formatted("")))
                .body("data.status", is("suppressed"));
        raw("application/cloudevents+json", structured("\"topic\":\"disk\",\"data\":" + event.formatted("")))
                .body("data.status", is("sent"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce-id", "ce-source", "ce-type", "ce-specversion"})
    void aBinaryEventWithoutARequiredAttributeIs400(String missing) {
        Map<String, String> headers = new TreeMap<>(HEADERS);
        headers.remove(missing);

        send(given().headers(headers), "/", ADDRESSED).statusCode(400).body("detail", containsString(missing));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            no object            | []
            no object            | "text"
            no object            | null
            nothing              | ``
            no JSON              | {
            no type              | {"specversion":"1.0","id":"1","source":"s","data":ALERT}
            another version      | {"specversion":"0.3","id":"1","source":"s","type":"t","data":ALERT}
            a version as number  | {"specversion":1.0,"id":"1","source":"s","type":"t","data":ALERT}
            an empty id          | {"specversion":"1.0","id":"","source":"s","type":"t","data":ALERT}
            no data              | {ATTRIBUTES}
            no data              | {ATTRIBUTES,"data":null}
            data without alert   | {ATTRIBUTES,"data":"text"}
            data without alert   | {ATTRIBUTES,"data":[1]}
            no Base64            | {ATTRIBUTES,"data_base64":"%%"}
            no JSON in Base64    | {ATTRIBUTES,"data_base64":"e30x"}
            data twice           | {ATTRIBUTES,"data_base64":"BASE64","data":ALERT}
            a topic as number    | {ATTRIBUTES,"topic":7,"data":ALERT}
            no time              | {ATTRIBUTES,"time":"noon","data":ALERT}
            a time in Go's form  | {ATTRIBUTES,"time":"2018-11-07 09:15:30 +0000 UTC","data":ALERT}
            data that is no JSON | {ATTRIBUTES,"datacontenttype":"text/plain","data":ALERT}
            """)
    void aMalformedStructuredEventIs400AndNever5xx(String fault, String event) {
        String base64 = Base64.getEncoder().encodeToString(ADDRESSED.getBytes(UTF_8));
        raw(
                        "application/cloudevents+json",
                        event.replace("ATTRIBUTES", ATTRIBUTES)
                                .replace("ALERT", ADDRESSED)
                                .replace("BASE64", base64))
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", not(is("")));
    }

    // Bad input

    /** One of each layer that refuses: AlertReaderTest, RoutingTest and DurationTextTest have the others. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``
            ` `
            hello
            {
            {"id":"a","level":"OK"} {}
            {"id":"a","level":"OK"} x
            []
            null
            7
            {}
            {"id":"a","level":"OK","options":{"rooom":"x"}}
            {"id":"a","level":"OK","options":{"room":".."}}
            """)
    void aBodyThatIsNoAlertIs400WithADetail(String body) {
        raw("application/json", body)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("status", is(400))
                .body("detail", not(is("")))
                .body("deliveries", nullValue());
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void bytesThatAreNoTextAre400() {
        given().contentType("application/json")
                .body(new byte[] {'{', '"', 'i', 'd', '"', ':', '"', (byte) 0xff, (byte) 0xfe, '"', '}'})
                .post("/hipchat")
                .then()
                .statusCode(400);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            application/json,   %s,   ``
            application/json,   [%s], ``
            application/json,   %s,   `"level":"CRITICAL",`
            application/json,   [%s], `"level":"CRITICAL",`
            application/x+json, %s,   ``
            """)
    void aCloudEventUnderAnotherMediaTypeIs400AndTheDetailNamesTheRightOne(
            String mediaType, String body, String extension) {
        raw(mediaType, body.formatted(structured(extension + "\"data\":" + ADDRESSED)))
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString("Content-Type: application/cloudevents+json"));
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void anAlertMayHaveFieldsOfACloudEvent() {
        post("{\"id\":\"a\",\"level\":\"OK\",\"specversion\":\"1.0\",\"type\":\"t\"}")
                .statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({"GET,/", "GET,/hipchat", "PUT,/hipchat", "DELETE,/", "PATCH,/hipchat", "OPTIONS,/hipchat"})
    void anotherVerbIs405(String verb, String path) {
        given().request(verb, path)
                .then()
                .statusCode(405)
                .header("Allow", is("POST"))
                .contentType("application/problem+json")
                .body("status", is(405));
    }

    @Test
    void aBodyOverOneMebibyteIs413AndAnExactMebibyteIsAccepted() {
        String filled = ALERT + " ".repeat((1 << 20) - ALERT.length());

        raw("application/json", filled).statusCode(200);
        raw("application/json", filled + " ")
                .statusCode(413)
                .contentType("application/problem+json")
                .body("detail", containsString("1M of quarkus.http.limits.max-body-size"));
    }

    // Health and metrics

    @Test
    void healthAndMetricsAreAvailable() {
        post(ALERT).statusCode(200);

        given().get("/q/health/live").then().statusCode(200).body("status", is("UP"));
        given().get("/q/health/ready").then().statusCode(200).body("status", is("UP"));
        String metrics =
                given().get("/q/metrics").then().statusCode(200).extract().asString();
        assertThat(metrics.lines())
                .anyMatch(line -> line.matches("hipchat_alerts_total\\{reason=\"none\",status=\"sent\"\\} [1-9].*"))
                .anyMatch(line -> line.startsWith("hipchat_alerts_total{reason=\"stale\",status=\"suppressed\"}"))
                .anyMatch(line -> line.matches("hipchat_notify_seconds_count\\{result=\"accepted\"\\} [1-9].*"))
                .anyMatch(line -> line.startsWith("hipchat_notify_retries_total"));
    }

    private static String sample(String name) throws IOException {
        try (InputStream event = HttpTest.class.getResourceAsStream("/events/kapacitor/" + name)) {
            return new String(event.readAllBytes(), UTF_8);
        }
    }

    private static String structured(String rest) {
        return "{" + ATTRIBUTES + "," + rest + "}";
    }

    private static ValidatableResponse at(RequestSpecification query, String id, String level, int second) {
        String event =
                "{\"id\":\"%s\",\"level\":\"%s\",\"time\":\"2026-05-02T09:15:0%dZ\"}".formatted(id, level, second);
        return send(given().spec(query), "/hipchat", event).statusCode(200);
    }

    private static ValidatableResponse post(String body) {
        return send(given(), "/hipchat", body);
    }

    private static ValidatableResponse send(RequestSpecification request, String path, String body) {
        return request.contentType(ContentType.JSON).body(body).post(path).then();
    }

    /** Sends exactly this media type. */
    private static ValidatableResponse raw(String mediaType, String body) {
        return given().config(RestAssured.config()
                        .encoderConfig(EncoderConfig.encoderConfig()
                                .appendDefaultContentCharsetToContentTypeIfUndefined(false)))
                .header("Content-Type", mediaType)
                .body(body.getBytes(UTF_8))
                .post("/")
                .then();
    }
}
