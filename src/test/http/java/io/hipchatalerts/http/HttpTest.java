package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Named.named;

import io.hipchatalerts.OwnThread;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The function from outside, over HTTP and as CloudEvents, with a real server in the place of HipChat. */
@QuarkusTest
@WithHipChat("""
        # One test waits for it.
        hipchat.request-timeout=8s
        """)
class HttpTest extends HipChatTest {

    private static final Map<String, String> BINARY_EVENT =
            Map.of("ce-id", "1", "ce-source", "kapacitor", "ce-type", "kapacitor.alert", "ce-specversion", "1.0");

    /** Ends a delivery at once: nobody waits for an hour. */
    private static final Reaction AWAY = Reaction.answers(503).retryAfter(Duration.ofHours(1));

    @ParameterizedTest
    @ValueSource(strings = {"/hipchat", "/"})
    void anAlertIsSentAndAnsweredWithItsOutcome(String path) {
        post(path, "{\"id\":\"cpu:host=web01\",\"level\":\"CRITICAL\",\"message\":\"cpu is at 97 %\"}")
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
            01-server-test-normal.json                   | sent    | red    | text | message
            08-service-test-httppost-empty.json          | skipped |        |      |
            11-log-message-with-angle-brackets-2025.json | sent    | red    | text | 'HTTP 500 error detected: Status code <no value> on '
            12-exec-jira-html-details-2020.json          | sent    | red    | text | [CRITICAL] JIRA is 0.87 on HOST01.
            21-capital-series-maxint-duration-2017.json  | sent    | red    | text | cpu.idle:nil is CRITICAL
            """)
    void realSamplesAreSent(String sample, String status, String color, String format, String message)
            throws IOException {
        try (InputStream event = getClass().getResourceAsStream("/events/kapacitor/" + sample)) {
            post("/hipchat", new String(event.readAllBytes(), UTF_8))
                    .statusCode(200)
                    .body("status", is(status))
                    .body("reason", status.equals("sent") ? nullValue() : is("empty-event"));
        }

        if (status.equals("skipped")) {
            assertThat(hipChat.requests()).isEmpty();
            return;
        }
        ReceivedRequest sent = hipChat.onlyRequest();
        assertThat(sent.color()).isEqualTo(color);
        assertThat(sent.messageFormat()).isEqualTo(format);
        assertThat(sent.message()).isEqualTo(message);
    }

    @Test
    void aTemplatesBodyWithoutMediaTypeIsAccepted() throws Exception {
        HttpResponse<String> answer = withoutMediaType("/hipchat", Map.of(), "{\"id\":\"a\",\"level\":\"INFO\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"status\":\"sent\"");
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
        raw(mediaType, "{\"id\":\"a\",\"level\":\"INFO\"}").statusCode(200).body("status", is("sent"));
    }

    @Test
    void theBodysOptionsBeatQueryAndHeaderWhichBeatTheConfiguration() {
        String event = "{\"id\":\"a\",\"level\":\"INFO\"%s}";

        send(
                        given().queryParam("room", "from-query").header("X-HipChat-Token", "header-token"),
                        "/hipchat",
                        event.formatted(""))
                .statusCode(200)
                .body("deliveries.room", contains("from-query"));
        send(
                        given().queryParam("room", "from-query").header("X-HipChat-Token", "header-token"),
                        "/hipchat",
                        event.formatted(",\"options\":{\"room\":\"from-body\",\"token\":\"body-token\"}"))
                .statusCode(200)
                .body("deliveries.room", contains("from-body"));
        send(
                        given().queryParam("room", "").header("X-HipChat-Token", ""),
                        "/hipchat",
                        event.formatted(",\"options\":{\"room\":\"\",\"token\":null}"))
                .statusCode(200)
                .body("deliveries.room", contains("alerts"));

        assertThat(hipChat.requests())
                .extracting(ReceivedRequest::room, ReceivedRequest::token)
                .containsExactly(
                        tuple("from-query", "header-token"),
                        tuple("from-body", "body-token"),
                        tuple("alerts", HipChatResource.TOKEN));
    }

    @ParameterizedTest
    @CsvSource({
        "Ops Night Watch,   Ops%20Night%20Watch",
        "a/b,               a%2Fb",
        "#ops?,             %23ops%3F",
        "100%,              100%25",
        "%2e%2e,            %252e%252e",
        "Übersicht,         %C3%9Cbersicht",
        "a;b=c&d+e,         a%3Bb%3Dc%26d%2Be"
    })
    void anyRoomNameIsOnePathSegment(String room, String segment) {
        send(given().queryParam("room", room), "/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}")
                .statusCode(200)
                .body("deliveries.room", contains(room));

        assertThat(hipChat.onlyRequest().target()).isEqualTo("/v2/room/" + segment + "/notification");
    }

    @Test
    void anOverlongMessageIsCutWithAnEllipsis() {
        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\",\"message\":\"" + "😀".repeat(10_001) + "\"}")
                .statusCode(200);

        String message = hipChat.onlyRequest().message();
        assertThat(message.codePointCount(0, message.length())).isEqualTo(10_000);
        assertThat(message).endsWith("😀…");
    }

    @Test
    void aMessageWithTagsThatHipChatRendersIsHtml() {
        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\",\"message\":\"<b>disk</b> a < b\"}")
                .statusCode(200);

        assertThat(hipChat.onlyRequest().messageFormat()).isEqualTo("html");
    }

    // HipChat's answers

    @ParameterizedTest
    @CsvSource({"200, whatever", "201, whatever", "202, whatever", "204, ''"})
    void everySuccessStatusCountsAsSent(int status, String body) {
        hipChat.reacts(Reaction.accepts(status).body(body));

        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}").statusCode(200).body("status", is("sent"));
    }

    @Test
    void aRefusalIs422WithHipChatsTextAndIsNotRetried() {
        hipChat.reacts(Reaction.refuses(401, "Invalid OAuth session"));

        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}")
                .statusCode(422)
                .contentType("application/problem+json")
                .body("status", is(422))
                .body("type", is("about:blank"))
                .body("title", notNullValue())
                .body("detail", containsString("401 Invalid OAuth session"))
                .body("deliveries[0].status", is("refused"))
                .body("deliveries[0].attempts", is(1));
        assertThat(hipChat.requests()).hasSize(1);
    }

    @Test
    void aRedirectIsNotFollowed() {
        hipChat.reacts(Reaction.answers(307).header("Location", "/v2/room/other/notification"));

        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}").statusCode(422).body("detail", containsString("307"));
        assertThat(hipChat.requests()).hasSize(1);
    }

    @Test
    void aTemporaryErrorIsRetried() {
        hipChat.reactsInTurn(Reaction.answers(500));

        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}").statusCode(200).body("deliveries[0].attempts", is(2));
    }

    @Test
    void aLimitBeyondTheDeadlineIsReturnedAtOnceAsRetryAfter() {
        hipChat.reacts(Reaction.throttles().retryAfter(Duration.ofMinutes(10)));

        ValidatableResponse answer = post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}")
                .statusCode(503)
                .contentType("application/problem+json")
                .body("detail", containsString("429"))
                .body("deliveries[0].status", is("failed"))
                .body("deliveries[0].attempts", is(1));

        Duration since = Duration.between(hipChat.onlyRequest().at(), Instant.now());
        assertThat(Long.parseLong(answer.extract().header("Retry-After"))).isBetween(599 - since.toSeconds(), 600L);
    }

    @Test
    void anAcceptedMessageStaysAcceptedWhateverItsBody() {
        hipChat.reacts(Reaction.accepts(200).hasGarbageForBody());

        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}").statusCode(200).body("deliveries[0].attempts", is(1));
    }

    static Stream<Named<Reaction>> brokenAnswers() {
        return Stream.of(
                named("none, and the connection is closed", Reaction.closes()),
                named("none, and the connection is reset", Reaction.cuts()),
                named("not HTTP", Reaction.answersGarbage()),
                named("half of a head", Reaction.answers(500).breaksOffInHead()));
    }

    @ParameterizedTest
    @MethodSource("brokenAnswers")
    void aBrokenAnswerIs503AfterSeveralTries(Reaction brokenAnswer) {
        hipChat.reactsInTurn(brokenAnswer, brokenAnswer);
        hipChat.reacts(AWAY);

        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}")
                .statusCode(503)
                .header("Retry-After", matchesPattern("[1-9]\\d*"))
                .body("deliveries[0].status", is("failed"))
                .body("deliveries[0].attempts", is(3));
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
            post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}")
                    .body("status", is("sent"))
                    .body("deliveries[0].attempts", is(1));
        }
    }

    @Test
    void aBodyThatStallsOccupiesNoConnection() {
        hipChat.reacts(Reaction.accepts(200).stallsInBody());
        long start = System.nanoTime();

        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}").body("status", is("sent"));

        hipChat.awaitOpenConnections(0);
        // The REST client itself would end it after 30 s.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(25));
    }

    // State changes only

    @Test
    void stateChangesOnlySendsChangesAndNothingElse() {
        RequestSpecification query = given().queryParam("stateChangesOnly", "true");

        sco(query, "sco-1", "CRITICAL", "00").body("status", is("sent"));
        sco(query, "sco-1", "CRITICAL", "01").body("status", is("suppressed")).body("reason", is("unchanged"));
        sco(query, "sco-1", "CRITICAL", "00").body("status", is("suppressed")).body("reason", is("stale"));
        sco(query, "sco-1", "OK", "02").body("status", is("sent")).body("deliveries.status", contains("sent"));
        sco(query, "sco-2", "OK", "00").body("status", is("suppressed")).body("reason", is("unchanged"));

        assertThat(hipChat.requests()).hasSize(2);
    }

    @Test
    void anIntervalRemindsInEventTime() {
        RequestSpecification query = given().queryParam("stateChangesOnly", "10s");

        sco(query, "interval", "CRITICAL", "00").body("status", is("sent"));
        sco(query, "interval", "CRITICAL", "09").body("status", is("suppressed"));
        sco(query, "interval", "CRITICAL", "10").body("status", is("sent"));
    }

    @Test
    void aRefusedChangeIsSentByTheNextEventOfTheSameLevel() {
        RequestSpecification query = given().queryParam("stateChangesOnly", "true");
        hipChat.reactsInTurn(Reaction.answers(403));

        sco(query, "refused", "CRITICAL", "00", 422).body("deliveries[0].status", is("refused"));
        sco(query, "refused", "CRITICAL", "01").body("status", is("sent"));
    }

    @Test
    void afterARequestInDoubtEvenTheOldLevelIsSentAgain() {
        RequestSpecification query = given().queryParam("stateChangesOnly", "true");
        sco(query, "unclear", "WARNING", "00").body("status", is("sent"));
        hipChat.reactsInTurn(Reaction.closes());
        hipChat.reacts(AWAY);

        sco(query, "unclear", "CRITICAL", "01", 503).body("deliveries[0].attempts", is(2));
        hipChat.reacts(Reaction.accepts());
        sco(query, "unclear", "WARNING", "02").body("status", is("sent"));
    }

    @ParameterizedTest(name = "at second 01, then at {0}")
    @ValueSource(strings = {"02", "01"})
    @Timeout(120)
    void aChangeThatWaitsForHipChatsLimitGivesWayToANewerOneAndToALaterOneOfTheSameTime(String second) {
        // On a busy machine, the newer one may come when the older one waits no longer.
        await().atMost(Duration.ofSeconds(60)).until(() -> hasGivenWay("limited-" + UUID.randomUUID(), second));
    }

    private boolean hasGivenWay(String id, String second) {
        hipChat.reset();
        hipChat.reactsInTurn(Reaction.throttles().retryAfter(Duration.ofSeconds(1)));
        CompletableFuture<ValidatableResponse> older = OwnThread.supply(() -> sco(limited(), id, "CRITICAL", "01"));
        hipChat.awaitRequests("limited", 1);

        sco(limited(), id, "WARNING", second).body("status", is("sent")).body("deliveries[0].attempts", is(1));

        older.join();
        List<String> accepted = hipChat.accepted().stream()
                .map(acceptance -> acceptance.request().message())
                .toList();
        if (accepted.equals(List.of(id + " is CRITICAL", id + " is WARNING"))) {
            return false;
        }
        older.join()
                .body("status", is("suppressed"))
                .body("reason", is("stale"))
                .body("deliveries[0].attempts", is(1));
        assertThat(hipChat.requests("limited")).hasSize(2);
        return true;
    }

    private static RequestSpecification limited() {
        return given().queryParam("stateChangesOnly", "true").queryParam("room", "limited");
    }

    @Test
    void eachRoomAndTopicIsAnAlertOfItsOwn() {
        String event = "{\"id\":\"own\",\"level\":\"WARNING\",\"options\":{\"stateChangesOnly\":true}}";

        send(given().queryParam("room", "r1"), "/hipchat", event).body("status", is("sent"));
        send(given().queryParam("room", "r2"), "/hipchat", event).body("status", is("sent"));
        send(given().queryParam("room", "r1").queryParam("topic", "t"), "/hipchat", event)
                .body("status", is("sent"));
        send(given().queryParam("room", "r1").queryParam("topic", "t"), "/hipchat", event)
                .body("status", is("suppressed"));
    }

    // CloudEvents

    @Test
    void structuredDataMayComeInBase64AndUnderAnyJsonType() {
        String data =
                Base64.getEncoder().encodeToString("{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}".getBytes(UTF_8));

        raw("application/cloudevents+json; charset=utf-8", structured("\"data_base64\":\"" + data + "\""))
                .statusCode(200)
                .body("data.status", is("sent"));
        raw(
                        "application/cloudevents+json",
                        structured(
                                "\"datacontenttype\":\"application/x+json\",\"data\":{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}"))
                .statusCode(200)
                .body("data.status", is("sent"));
    }

    @Test
    void aBinaryEventMayLackAMediaType() throws Exception {
        HttpResponse<String> answer =
                withoutMediaType("/", BINARY_EVENT, "{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("ce-type")).contains("io.hipchatalerts.outcome");
    }

    @Test
    void theExtensionAttributeTopicIsTheTopicUnlessTheBodyNamesOne() {
        String event = "{\"id\":\"ext\",\"level\":\"WARNING\",\"options\":{\"stateChangesOnly\":true}%s}";

        send(binaryEvent("t").header("ce-topic", "caf%C3%A9"), "/", event.formatted(""))
                .body("status", is("sent"));
        send(binaryEvent("t").header("ce-topic", "\"caf%C3%A9\""), "/", event.formatted(""))
                .body("status", is("suppressed"));
        send(binaryEvent("t").header("ce-topic", "other"), "/", event.formatted(",\"topic\":\"café\""))
                .body("status", is("suppressed"));
        raw("application/cloudevents+json", structured("\"topic\":\"café\",\"data\":" + event.formatted("")))
                .body("data.status", is("suppressed"));
    }

    /** HTTP has no encoding for headers, so the server would read another topic. */
    @Test
    void anAttributeInAHeaderThatIsNotPercentEncodedIs400() throws IOException {
        String headers = "Host: x\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: s\r\nce-type: t\r\n";

        assertThat(RawHttp.answer(RawHttp.post(
                        "/", headers + "ce-topic: café\r\n", "{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}")))
                .startsWith("HTTP/1.1 400")
                .contains("ce-topic must be percent-encoded");
        assertThat(hipChat.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce-id", "ce-source", "ce-type", "ce-specversion"})
    void aBinaryEventWithoutARequiredAttributeIs400(String missing) {
        Map<String, String> attributes =
                new TreeMap<>(Map.of("ce-id", "1", "ce-source", "kapacitor", "ce-type", "t", "ce-specversion", "1.0"));
        attributes.remove(missing);

        send(given().headers(attributes), "/", "{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}")
                .statusCode(400)
                .body("detail", containsString(missing));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "\"text\"",
                "null",
                "",
                "{",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"data\":{\"id\":\"a\",\"level\":\"OK\"}}",
                "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"id\":\"a\",\"level\":\"OK\"}}",
                "{\"specversion\":1.0,\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"id\":\"a\",\"level\":\"OK\"}}",
                "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"id\":\"a\",\"level\":\"OK\"}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":null}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":\"text\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":[1]}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data_base64\":\"%%\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data_base64\":\"e30x\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data_base64\":\"e30=\",\"data\":{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"topic\":7,\"data\":{\"id\":\"a\",\"level\":\"OK\"}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"time\":\"noon\",\"data\":{\"id\":\"a\",\"level\":\"OK\"}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"time\":\"2018-11-07 09:15:30 +0000 UTC\",\"data\":{\"id\":\"a\",\"level\":\"OK\"}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"datacontenttype\":\"text/plain\",\"data\":\"x\"}"
            })
    void aMalformedStructuredEventIs400AndNever5xx(String event) {
        raw("application/cloudevents+json", event)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", not(is("")));
    }

    @Test
    void aTimeInGosDefaultFormCountsLikeTheSameTimeInRfc3339() {
        String event =
                "{\"id\":\"cpu:nil\",\"level\":\"CRITICAL\",\"time\":\"%s\",\"options\":{\"stateChangesOnly\":true}}";

        raw("application/json", event.formatted("2018-11-07 10:15:30.5 +0100 CET"))
                .statusCode(200)
                .body("status", is("sent"));
        raw("application/json", event.formatted("2018-11-07T09:15:30.4Z"))
                .statusCode(200)
                .body("reason", is("stale"));
        raw("application/json", event.formatted("2018-11-07T09:15:30.5Z"))
                .statusCode(200)
                .body("reason", is("unchanged"));
    }

    // Bad input

    /** One of each layer that refuses: AlertReaderTest, RoutingTest and DurationTextTest have the others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "hello",
                "{",
                "{\"id\":\"a\",\"level\":\"OK\"} {}",
                "{\"id\":\"a\",\"level\":\"OK\"} x",
                "[]",
                "null",
                "7",
                "{}",
                "{\"id\":\"a\",\"level\":\"OK\",\"options\":{\"rooom\":\"x\"}}",
                "{\"id\":\"a\",\"level\":\"OK\",\"options\":{\"room\":\"..\"}}"
            })
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

    @Test
    void halfASurrogatePairInAMessageIsReplaced() {
        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\",\"message\":\"x \\ud83d y\"}")
                .statusCode(200);

        assertThat(hipChat.onlyRequest().message()).isEqualTo("x \ufffd y");
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
        raw(
                        mediaType,
                        body.formatted(
                                structured(extension + "\"data\":{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}")))
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString("Content-Type: application/cloudevents+json"));
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void anAlertMayHaveFieldsOfACloudEvent() {
        raw("application/json", "{\"id\":\"a\",\"level\":\"OK\",\"specversion\":\"1.0\",\"type\":\"t\"}")
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
        String frame = "{\"id\":\"a\",\"level\":\"OK\",\"details\":\"\"}";
        String filled = frame.replace("\"\"", "\"" + "x".repeat((1 << 20) - frame.length()) + "\"");

        raw("application/json", filled).statusCode(200);
        raw("application/json", filled + " ")
                .statusCode(413)
                .contentType("application/problem+json")
                .body("detail", containsString("1M of quarkus.http.limits.max-body-size"));
    }

    @Test
    void aStateChangesOnlyThatIsNoDurationIs400() {
        send(given().queryParam("stateChangesOnly", "often"), "/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}")
                .statusCode(400)
                .body("detail", containsString("stateChangesOnly"));
    }

    // Health and metrics

    @Test
    void healthAndMetricsAreAvailable() {
        post("/hipchat", "{\"id\":\"a\",\"level\":\"OK\"}").statusCode(200);

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

    /** RestAssured always sends a media type; Java's own client sends none. */
    private static HttpResponse<String> withoutMediaType(String path, Map<String, String> headers, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static RequestSpecification binaryEvent(String type) {
        return given().headers(
                        Map.of("ce-id", "1", "ce-source", "kapacitor", "ce-type", type, "ce-specversion", "1.0"));
    }

    private static String structured(String rest) {
        return "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"kapacitor\",\"type\":\"t\"," + rest + "}";
    }

    private static ValidatableResponse sco(RequestSpecification query, String id, String level, String second) {
        return sco(query, id, level, second, 200);
    }

    private static ValidatableResponse sco(
            RequestSpecification query, String id, String level, String second, int status) {
        String event =
                "{\"id\":\"%s\",\"level\":\"%s\",\"time\":\"2026-05-02T09:15:%sZ\"}".formatted(id, level, second);
        return send(given().spec(query), "/hipchat", event).statusCode(status);
    }

    private static ValidatableResponse post(String path, String body) {
        return send(given(), path, body);
    }

    private static ValidatableResponse send(RequestSpecification request, String path, String body) {
        return request.contentType(ContentType.JSON).body(body).post(path).then();
    }

    private static ValidatableResponse raw(String mediaType, String body) {
        return given().config(withoutContentType())
                .header("Content-Type", mediaType)
                .body(body.getBytes(UTF_8))
                .post("/")
                .then();
    }

    private static RestAssuredConfig withoutContentType() {
        return RestAssured.config()
                .encoderConfig(
                        EncoderConfig.encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false));
    }
}
