package io.hipchatalerts.lambda;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import io.hipchatalerts.lambda.Function.Answer;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every way to invoke the function does and answers, in the tests' JVM and packaged alike. */
abstract class TriggersContract {

    static final String REFUSING = "refusing";
    static final String AWAY = "away";

    /** Long enough for any call on a busy machine. */
    static final String DEADLINE = "30s";

    /** The ways to invoke the function, and envelopes in envelopes. */
    enum Trigger {
        DIRECT,
        SNS,
        EVENT_BRIDGE,
        EVENT_BRIDGE_IN_SNS,
        SQS,
        SNS_IN_SQS,
        EVENT_BRIDGE_IN_SQS,
        EVENT_BRIDGE_IN_SNS_IN_SQS,
        URL,
        BINARY,
        STRUCTURED;

        String eventWith(String content) {
            return switch (this) {
                case DIRECT -> content;
                case SNS -> Events.sns(content);
                case EVENT_BRIDGE -> Events.eventBridge(content);
                case EVENT_BRIDGE_IN_SNS -> Events.sns(Events.eventBridge(content));
                case SQS -> Events.sqs(content);
                case SNS_IN_SQS -> Events.sqs(Events.notification(content));
                case EVENT_BRIDGE_IN_SQS -> Events.sqs(Events.eventBridge(content));
                case EVENT_BRIDGE_IN_SNS_IN_SQS -> Events.sqs(Events.notification(Events.eventBridge(content)));
                case URL -> Events.functionUrl(content);
                case BINARY -> Events.functionUrl(content, Events.BINARY);
                case STRUCTURED -> Events.functionUrl(Events.cloudEvent(content), Events.STRUCTURED);
            };
        }
    }

    /** Some of those whose caller waits for no answer and has nothing but the error to go by. */
    private static final String UNATTENDED = "DIRECT|SNS|EVENT_BRIDGE";

    private static final String NO_ALERT = "{\"id\":\"a\",\"level\":\"MAJOR\"}";

    abstract Function function();

    abstract FakeHipChat hipChat();

    @BeforeEach
    void twoRoomsFail() {
        hipChat().reacts(REFUSING, Reaction.refuses(403, "Not your room"));
        // Nobody waits for an hour.
        hipChat().reacts(AWAY, Reaction.answers(503).retryAfter(Duration.ofHours(1)));
    }

    @AfterEach
    void resetHipChat() {
        hipChat().reset();
    }

    // Golden events: what AWS sends, and what becomes of it

    @ParameterizedTest
    @CsvSource({
        "sqs.json,                             alerts",
        "sqs-with-sns-envelope.json,           alerts",
        "sns.json,                             alerts",
        "eventbridge.json,                     alerts",
        "function-url.json,                    ops%20room",
        "function-url-base64-no-media-type.json, alerts",
        "http-api.json,                        alerts"
    })
    void eachSampleIsSent(String sample, String room) {
        succeeded(Events.sample(sample));

        assertThat(hipChat().requests())
                .extracting(ReceivedRequest::target)
                .containsExactly("/v2/room/" + room + "/notification");
    }

    @Test
    void aBase64BodyArrivesWithItsUmlauts() {
        function().invoke(Events.sample("function-url-base64-no-media-type.json"));

        assertThat(messages()).containsExactly("größer als 97 %");
    }

    @Test
    void anHttpApisCallBringsItsOwnToken() {
        function().invoke(Events.sample("http-api.json"));

        assertThat(hipChat().onlyRequest().header("Authorization")).contains("Bearer token-of-the-call");
    }

    // A check without an alert

    @ParameterizedTest
    @CsvSource({"202, true, ok     ", "401, false, WRONG  "})
    void roomsAndTokensAreTriedWithoutAMessage(int status, boolean right, String verdict) {
        hipChat().reacts(Reaction.answers(status));

        JsonPath answer = function().invoke("{\"check\": true}").json();

        assertThat(answer.getBoolean("right")).isEqualTo(right);
        assertThat(answer.getList("findings", String.class))
                .singleElement()
                .asString()
                .startsWith(verdict.strip())
                .contains("room \"alerts\"");
        assertThat(hipChat().onlyRequest().isAuthTest()).isTrue();
    }

    // Success

    @ParameterizedTest
    @EnumSource
    void everyTriggerSendsAnAlert(Trigger trigger) {
        succeeded(trigger.eventWith(Events.alert("a", "alerts")));

        assertThat(messages()).containsExactly("a is down");
    }

    @ParameterizedTest
    @EnumSource(names = {"DIRECT", "EVENT_BRIDGE", "URL"})
    void theOutcomeIsAnswered(Trigger trigger) {
        Answer answer = succeeded(trigger.eventWith(Events.alert("a", "alerts")));

        String outcome = answer.body();
        if (trigger == Trigger.URL) {
            assertThat(answer.json().getInt("statusCode")).isEqualTo(200);
            assertThat(answer.json().getString("headers.Content-Type")).isEqualTo("application/json");
            outcome = answer.json().getString("body");
        }
        assertThat(outcome)
                .isEqualTo("{\"status\":\"sent\",\"reason\":null,\"degraded\":false,\"deliveries\":[{\"handler\":null,"
                        + "\"room\":\"alerts\",\"status\":\"sent\",\"reason\":null,\"attempts\":1}]}");
    }

    // Flush

    static final String FLUSH = "{\"flush\": true}";

    @ParameterizedTest
    @EnumSource
    void everyTriggerCanFlush(Trigger trigger) {
        assertThat(flush(trigger).orElse(0)).isZero();
        assertThat(hipChat().requests()).isEmpty();
    }

    /** Flushes, and returns how many changes were sent; empty where the caller gets no answer. */
    Optional<Integer> flush(Trigger trigger) {
        Answer answer = succeeded(trigger.eventWith(FLUSH));
        return switch (trigger) {
            case DIRECT, EVENT_BRIDGE -> Optional.of(answer.json().getInt("flushed.sent"));
            case URL, BINARY, STRUCTURED -> {
                assertThat(answer.json().getInt("statusCode")).as(answer.body()).isEqualTo(200);
                yield Optional.of(JsonPath.from(answer.json().getString("body")).getInt("flushed.sent"));
            }
            default -> Optional.empty();
        };
    }

    // Failures: whoever waits for no answer gets an error, so that Lambda tries again and keeps a dead letter

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = UNATTENDED)
    void aRefusalIsAnErrorWithTheDetail(Trigger trigger) {
        JsonPath problem = problem(Events.alert("a", REFUSING), 422);

        assertThat(errorOf(trigger.eventWith(Events.alert("a", REFUSING))))
                .isEqualTo(problem.getString("detail"))
                .contains("Not your room");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = UNATTENDED)
    void anAlertThatFailsInAnOutageIsSentOnceItIsOver(Trigger trigger) {
        String event = trigger.eventWith(Events.alert("a", AWAY));

        assertThat(errorOf(event)).contains("503").doesNotContain("Exception");

        hipChat().reset();
        succeeded(event);
        assertThat(messages()).containsExactly("a is down");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = UNATTENDED)
    void whatIsNoAlertIsAnErrorWithTheDetailSoThatItEndsAmongTheDeadLetters(Trigger trigger) {
        assertThat(errorOf(trigger.eventWith(NO_ALERT)))
                .isEqualTo(problem(NO_ALERT, 400).getString("detail"));
        assertThat(hipChat().requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            disk is full            | not one JSON text
            {"flush": true, "x": 1} | level
            """)
    void anSnsMessageThatIsNoFlushAndNoAlertIsAnError(String message, String detail) {
        assertThat(errorOf(Events.sns(message))).contains(detail);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                                                | EventBridge Pipes
            [{"messageId":"m0","body":"{}","eventSource":"aws:sqs"}]          | EventBridge Pipes
            "text"                                                            | not a JSON object
            null                                                              | not a JSON object
            {}                                                                | the keys ""
            {"check":1}                                                       | the keys "check"
            {"awslogs":{"data":"H4sI"}}                                       | the keys "awslogs"
            {"specversion":"1.0","id":"1","source":"s","type":"t","data":{}}  | CloudEvent
            {"Records":[]}                                                    | no records at all
            {"Records":[{"eventSource":"aws:sqs"},{"EventSource":"aws:sns"}]} | records of "aws:sns, aws:sqs"
            {"Records":[{"eventSource":"aws:dynamodb"}]}                      | records of "aws:dynamodb"
            """, quoteCharacter = '\'')
    void whatIsNoKnownEnvelopeIsAnErrorThatNamesIt(String event, String name) {
        assertThat(errorOf(event)).contains(name);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = UNATTENDED)
    void aStructuredCloudEventOutsideOfHttpIsNamedInTheRefusal(Trigger trigger) {
        assertThat(errorOf(trigger.eventWith(Events.cloudEvent(Events.alert("a", "alerts")))))
                .contains("CloudEvent", "Content-Type: application/cloudevents+json", "data alone");
        assertThat(hipChat().requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"s3.json, aws:s3", "http-api-version-1.json, payload format 2.0"})
    void neitherIsAnotherServicesEvent(String sample, String name) {
        assertThat(errorOf(Events.sample(sample))).contains(name);
    }

    // SQS: what failed stays in the queue, what did not is gone

    @Test
    void ofAMixedBatchJustTheFailuresStayInTheQueue() {
        Map<String, String> queue = new LinkedHashMap<>();
        queue.put("good", Events.alert("good", "alerts"));
        queue.put("no-json", "disk is full");
        queue.put("no-alert", NO_ALERT);
        queue.put("structured", Events.cloudEvent(Events.alert("structured", "alerts")));
        queue.put("refused", Events.alert("refused", REFUSING));
        queue.put("away", Events.alert("away", AWAY));

        queue.keySet().retainAll(failuresOf(Events.sqs(queue)));
        assertThat(queue).containsOnlyKeys("no-json", "no-alert", "structured", "refused", "away");
        assertThat(hipChat().requests("alerts")).hasSize(1);

        hipChat().reset();
        queue.keySet().retainAll(failuresOf(Events.sqs(queue)));
        // These go round until the queue gives up on them, and are dead letters then.
        assertThat(queue).containsOnlyKeys("no-json", "no-alert", "structured");
        assertThat(messages()).containsExactlyInAnyOrder("refused is down", "away is down");
    }

    @Test
    void theEventsOfOneAlertAreSentInTheOrderOfTheirTimes() {
        String alert = "{\"id\":\"%s\",\"message\":\"%s\",\"level\":\"%s\",\"time\":\"2026-05-02T09:%d:30Z\"}";
        Map<String, String> queue = new LinkedHashMap<>();
        queue.put("newest", alert.formatted("cpu", "back to normal", "OK", 17));
        queue.put("other", alert.formatted("mem", "memory is full", "CRITICAL", 15));
        queue.put("oldest", alert.formatted("cpu", "cpu is at 80 %", "WARNING", 15));
        queue.put("middle", alert.formatted("cpu", "cpu is at 97 %", "CRITICAL", 16));

        assertThat(failuresOf(Events.sqs(queue))).isEmpty();

        assertThat(messages())
                .containsSubsequence("cpu is at 80 %", "cpu is at 97 %", "back to normal")
                .contains("memory is full")
                .hasSize(4);
    }

    // FIFO queues: the order of a message group is the queue's, always

    @Test
    void afterAFailureNothingMoreOfTheGroupIsSentUntilItIsRedeliveredInItsOrder() {
        // Nobody waits for an hour.
        hipChat().reactsInTurn(Reaction.answers(500).retryAfter(Duration.ofHours(1)), Reaction.refuses(403, "Not now"));

        for (int delivery = 1; delivery <= 2; delivery++) {
            assertThat(failuresOf(Events.sample("sqs-fifo.json"))).containsExactly("m0", "m1");
            assertThat(hipChat().requests())
                    .hasSize(delivery)
                    .extracting(ReceivedRequest::message)
                    .containsOnly("disk:/var is CRITICAL");
        }

        assertThat(failuresOf(Events.sample("sqs-fifo.json"))).isEmpty();
        assertThat(messages()).containsExactly("disk:/var is CRITICAL", "disk:/var is OK");
    }

    @Test
    void withoutAFailureTooAGroupIsSentInTheQueuesOrder() {
        // By their times, the second would be the first; being of other alerts, all would be sent at once.
        hipChat()
                .decides(request -> request.message().equals("late is down")
                        ? Reaction.accepts().after(Duration.ofMillis(200))
                        : Reaction.accepts());

        assertThat(failuresOf(Events.fifo(
                        "g m0 " + Events.alert("late", "alerts"),
                        "g m1 {\"id\":\"late\",\"message\":\"old\",\"level\":\"OK\",\"time\":\"2001-01-01T00:00:00Z\"}",
                        "g m2 " + Events.alert("c", "alerts"),
                        "g m3 " + Events.alert("d", "alerts"))))
                .isEmpty();

        assertThat(messages()).containsExactly("late is down", "old", "c is down", "d is down");
    }

    @Test
    void groupsAreSentConcurrentlyAndAFailureStaysInItsGroup() {
        // Each group's first message waits for the other's.
        hipChat().decides(request -> {
            if (request.message().startsWith("first")) {
                if (hipChat().requests().size() == 2) {
                    hipChat().release();
                    return Reaction.accepts();
                }
                return Reaction.accepts().onceReleased();
            }
            return Reaction.accepts();
        });

        assertThat(failuresOf(Events.fifo(
                        "a a0 " + Events.alert("first of a", "alerts"),
                        "b b0 " + Events.alert("first of b", "alerts"),
                        "a a1 " + Events.alert("of a", REFUSING),
                        "b b1 " + Events.alert("of b", "alerts"),
                        "a a2 " + Events.alert("after", "alerts"),
                        "b b2 " + Events.alert("of b, too", "alerts"))))
                .containsExactlyInAnyOrder("a1", "a2");
        assertThat(messages())
                .containsExactlyInAnyOrder(
                        "first of a is down", "first of b is down", "of b is down", "of b, too is down");
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk is full", NO_ALERT})
    void poisonHoldsItsGroupBackLikeEveryFailure(String poison) {
        assertThat(failuresOf(Events.fifo(
                        "g m0 " + Events.alert("a", "alerts"),
                        "g m1 " + poison,
                        "g m2 " + Events.alert("b", "alerts"),
                        "g m3 " + FLUSH)))
                .containsExactly("m1", "m2", "m3");
        assertThat(messages()).containsExactly("a is down");
    }

    @Test
    void aMessageGroupOfAStandardQueueHoldsNothingBack() {
        String standard = Events.fifo("g m0 " + Events.alert("a", REFUSING), "g m1 " + Events.alert("b", "alerts"))
                .replace(":alerts.fifo", ":alerts");

        assertThat(failuresOf(standard)).containsExactly("m0");
        assertThat(messages()).containsExactly("b is down");
    }

    @Test
    void differentAlertsAreSentConcurrentlyAndMeetTheDeadline() {
        // Thirty times more than a second, and a deadline of thirty.
        hipChat().reacts(Reaction.accepts().after(Duration.ofMillis(1200)));
        assertThat(failuresOf(batchOf(30))).isEmpty();
    }

    static String batchOf(int size) {
        return Events.sqs(IntStream.range(0, size)
                .boxed()
                .collect(toMap(i -> "message-" + i, i -> Events.alert("alert-" + i, "room-" + i))));
    }

    // Function URL and HTTP API: HTTP's own statuses

    static Stream<Arguments> refusals() {
        String alert = Events.alert("a", "alerts");
        String event = Events.cloudEvent(alert);
        String rightOne = "CloudEvent in structured mode; send it with Content-Type: application/cloudevents+json";
        String base64 = Events.parse(Events.functionUrl("{}"))
                .put("isBase64Encoded", true)
                .toString();
        return Stream.of(
                arguments(400, "", Events.functionUrl("")),
                arguments(400, "", Events.functionUrl("hello")),
                arguments(400, "", Events.functionUrl("{\"id\":\"a\",\"level\":\"OK\"} x")),
                arguments(400, "level", Events.functionUrl("{\"flush\": true, \"x\": 1}")),
                arguments(400, "Base64", base64),
                arguments(400, "query string", Events.functionUrl(alert, "room=%zz", Map.of("room", "%zz"))),
                arguments(400, rightOne, Events.functionUrl(event, Map.of("content-type", "application/json"))),
                arguments(400, rightOne, Events.functionUrl(event, Map.of("content-type", "application/x+json"))),
                arguments(400, rightOne, Events.functionUrl(event, Map.of("content-type", ""))),
                arguments(415, "application/json", Events.functionUrl("x", Map.of("content-type", "text/plain"))));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("refusals")
    void whatIsRefusedUnreadIsAProblemAndSendsNothing(int status, String detail, String event) {
        problem(event, status, detail);
        assertThat(hipChat().requests()).isEmpty();
    }

    @Test
    void aRefusalIs422WithTheDeliveries() {
        assertThat(problem(Events.alert("a", REFUSING), 422).getString("deliveries[0].status"))
                .isEqualTo("refused");
    }

    @Test
    void anOutageIs503WithRetryAfter() {
        JsonPath answer =
                function().invoke(Events.functionUrl(Events.alert("a", AWAY))).json();

        assertThat(answer.getInt("statusCode")).isEqualTo(503);
        assertThat(answer.getInt("headers.Retry-After")).isPositive();
        assertThat(answer.getString("headers.Content-Type")).isEqualTo("application/problem+json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            room=first&room=second        | first,second | first
            room=&room=second             | ,second      | alerts
            room=with%2Ccomma             | with,comma   | with%2Ccomma
            room=one+blank%20or%20two     | x            | one%20blank%20or%20two
            topic=cpu                     | handwritten  | handwritten
            ""                            | handwritten  | handwritten
            """)
    void theFirstOfRepeatedQueryParametersCounts(String rawQuery, String joined, String room) {
        String alert = "{\"id\":\"a\",\"level\":\"OK\"}";

        function().invoke(Events.functionUrl(alert, rawQuery, Map.of("room", joined)));

        assertThat(hipChat().onlyRequest().target()).isEqualTo("/v2/room/" + room + "/notification");
    }

    @Test
    void anotherVerbIs405WithAllow() {
        JsonPath answer = function().invoke(Events.functionUrl("", "GET")).json();

        assertThat(answer.getInt("statusCode")).isEqualTo(405);
        assertThat(answer.getString("headers.Allow")).isEqualTo("POST");
    }

    @Test
    void aBodyOverOneMebibyteIs413() {
        String alert = Events.alert("a", "alerts");
        String filled = alert + " ".repeat((1 << 20) - alert.length());

        assertThat(function().invoke(Events.functionUrl(filled)).json().getInt("statusCode"))
                .isEqualTo(200);
        problem(filled + " ", 413);
    }

    @Test
    void aBinaryCloudEventIsAnsweredByOne() {
        JsonPath answer = function()
                .invoke(Trigger.BINARY.eventWith(Events.alert("a", "alerts")))
                .json();

        assertThat(answer.getInt("statusCode")).isEqualTo(200);
        assertThat(answer.getString("headers.ce-type")).isEqualTo("io.hipchatalerts.outcome");
        assertThat(answer.getString("headers.ce-source")).isEqualTo("hipchat-alerts");
        assertThat(answer.getString("body")).contains("\"status\":\"sent\"");
    }

    @Test
    void aMalformedStructuredCloudEventIs400() {
        String event = Events.cloudEvent(Events.alert("a", "alerts")).replace("\"type\":\"t\",", "");

        problem(Events.functionUrl(event, Events.STRUCTURED), 400, "type");
    }

    private Answer succeeded(String event) {
        Answer answer = function().invoke(event);
        assertThat(answer.failed()).as(answer.body()).isFalse();
        if (answer.body().contains("batchItemFailures")) {
            assertThat(answer.json().getList("batchItemFailures")).isEmpty();
        }
        return answer;
    }

    private String errorOf(String event) {
        Answer answer = function().invoke(event);
        assertThat(answer.failed()).as(answer.body()).isTrue();
        return answer.json().getString("errorMessage");
    }

    private List<String> failuresOf(String event) {
        Answer answer = function().invoke(event);
        assertThat(answer.failed()).as(answer.body()).isFalse();
        return answer.json().getList("batchItemFailures.itemIdentifier");
    }

    private JsonPath problem(String body, int status) {
        return problem(Events.functionUrl(body), status, "");
    }

    private JsonPath problem(String event, int status, String detail) {
        JsonPath answer = function().invoke(event).json();
        assertThat(answer.getInt("statusCode")).as(answer.getString("body")).isEqualTo(status);
        assertThat(answer.getString("headers.Content-Type")).isEqualTo("application/problem+json");
        JsonPath problem = JsonPath.from(answer.getString("body"));
        assertThat(problem.getInt("status")).isEqualTo(status);
        assertThat(problem.getString("detail")).isNotEmpty().contains(detail);
        return problem;
    }

    /** Returns the messages that HipChat accepted, oldest first. */
    final List<String> messages() {
        return hipChat().accepted().stream()
                .map(acceptance -> acceptance.request().message())
                .toList();
    }
}
