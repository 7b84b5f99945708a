package io.hipchatalerts.http.dev;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@DisplayName("The HipChat stand-in")
class HipChatStandInTest {

    private static final String NOTIFICATION = "/dev/hipchat/v2/room/{room}/notification";
    private static final String HELLO = "{\"message\":\"hello\"}";

    @TestHTTPResource("/dev/room/events")
    URI events;

    /** Each test has a room of its own, so that no test uses up the limit of another. */
    private final String room = "room " + UUID.randomUUID();

    @Test
    void anAcceptedNotificationHasAnEmptyAnswer() {
        long before = Instant.now().getEpochSecond();

        ValidatableResponse answer = post(HELLO)
                .statusCode(204)
                .header("X-FloodControl-Limit", "30")
                .header("X-FloodControl-Remaining", "29")
                .body(is(""));

        assertThat(Long.parseLong(answer.extract().header("X-FloodControl-Reset")))
                .as("Unix seconds")
                .isBetween(before + 60, Instant.now().getEpochSecond() + 60);
    }

    @Test
    void aTokenInTheQueryAndABodyOfAnyMediaTypeAreAccepted() {
        given().queryParam("auth_token", "T")
                .contentType("text/plain")
                .body(HELLO)
                .post(NOTIFICATION, room)
                .then()
                .statusCode(204);
    }

    @ParameterizedTest
    @CsvSource({
        "              ,",
        "Bearer wrong-token,",
        "bearer wrong-token,",
        "'Bearer ',",
        "Basic T,",
        ", wrong-token",
    })
    void aCallWithoutAValidTokenIsRefused(String header, String query) {
        RequestSpecification call = json().body(HELLO);
        if (header != null) {
            call.header("Authorization", header);
        }
        if (query != null) {
            call.queryParam("auth_token", query);
        }

        call.post(NOTIFICATION, room)
                .then()
                .statusCode(401)
                .contentType(containsString("application/json"))
                .header("X-FloodControl-Limit", "30")
                .body(
                        "error",
                        equalTo(Map.of("code", 401, "message", "Invalid OAuth session", "type", "Unauthorized")));
    }

    @Test
    void aMissingRoomIs404() {
        authorized()
                .body(HELLO)
                .post(NOTIFICATION, "no-such-room")
                .then()
                .statusCode(404)
                .header("X-FloodControl-Limit", "30")
                .body("error.code", equalTo(404))
                .body("error.message", equalTo("Room no-such-room not found"))
                .body("error.type", equalTo("Not Found"));
    }

    @Test
    void anAuthTestShowsNoMessage() throws Exception {
        authorized()
                .queryParam("auth_test", "true")
                .post(NOTIFICATION, room)
                .then()
                .statusCode(202)
                .header("X-FloodControl-Remaining", "30")
                .body(is(""));

        assertThat(messagesIn(room)).isEmpty();
    }

    @Test
    void anAuthTestChecksTokenAndRoom() {
        json().queryParam("auth_test", "true")
                .queryParam("auth_token", "wrong-token")
                .post(NOTIFICATION, room)
                .then()
                .statusCode(401);
        authorized()
                .queryParam("auth_test", "true")
                .post(NOTIFICATION, "no-such-room")
                .then()
                .statusCode(404);
    }

    @Test
    void aFieldOfTheWrongTypeIsRefusedByName() {
        post("{\"message\":\"hello\",\"notify\":\"true\"}")
                .statusCode(400)
                .contentType(ContentType.JSON)
                .header("X-FloodControl-Remaining", "30")
                .body("error.code", equalTo(400))
                .body("error.expected_type", equalTo("boolean"))
                .body("error.field", equalTo("notify"))
                .body("error.message", equalTo("Value u'true' for field 'notify' is not of type 'boolean'"))
                .body("error.type", equalTo("Bad Request"))
                .body("error.validation", equalTo("type"))
                .body("error.value", equalTo("true"));
    }

    @Test
    void aCallWithoutABodyIsRefused() {
        authorized()
                .post(NOTIFICATION, room)
                .then()
                .statusCode(400)
                .body("error.message", equalTo("The request body is not a JSON object"))
                .body("error.field", nullValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE"})
    void everyVerbExceptPostIsRefused(String verb) {
        authorized()
                .request(verb, NOTIFICATION, room)
                .then()
                .statusCode(405)
                .header("Allow", "POST")
                .body("error.code", equalTo(405))
                .body("error.type", equalTo("Method Not Allowed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/hipchat/v2/room/cut", "/dev/hipchat/v2/room//notification", "/dev/hipchat"})
    void aPathWithAnUnencodedRoomNameIsRefused(String path) {
        authorized().body(HELLO).post(path).then().statusCode(405);
    }

    @Test
    void theThirtyFirstMessageInAMinuteIsRefused() {
        for (int message = 0; message < 30; message++) {
            post(HELLO).statusCode(204);
        }

        post(HELLO)
                .statusCode(429)
                .header("X-FloodControl-Limit", "30")
                .header("X-FloodControl-Remaining", "0")
                .body("error.code", equalTo(429))
                .body("error.type", equalTo("Too Many Requests"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Test%20Room", "a%2Fb", "100%25", "%23dev", "caf%C3%A9", "a+b", "what%3F"})
    void theRoomNameIsOneEncodedPathSegment(String encoded) throws Exception {
        String decoded = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);

        authorized()
                .urlEncodingEnabled(false)
                .body(HELLO)
                .post("/dev/hipchat/v2/room/" + encoded + "/notification")
                .then()
                .statusCode(204);

        assertThat(messagesIn(decoded)).isNotEmpty();
    }

    @Test
    void storedMessagesAreReplayedBeforeNewOnes() throws Exception {
        post("{\"message\":\"before\",\"color\":\"red\",\"notify\":true,\"from\":\"kapacitor\"}")
                .statusCode(204);

        HttpResponse<Stream<String>> response = listen();
        try (Stream<String> lines = response.body()) {
            Iterator<String> stream = lines.iterator();

            assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
            JsonObject before = next(stream, room);
            assertThat(before.getString("message")).isEqualTo("before");
            assertThat(before.getString("message_format")).isEqualTo("html");
            assertThat(before.getString("color")).isEqualTo("red");
            assertThat(before.getString("from")).isEqualTo("kapacitor");
            assertThat(before.getBoolean("notify")).isTrue();
            assertThat(before.getInstant("date")).isBeforeOrEqualTo(Instant.now());

            post("{\"message\":\"after\\nall\"}");
            assertThat(next(stream, room).getString("message")).isEqualTo("after\nall");
        }
    }

    @Test
    void thePageRunsOnlyItsOwnScript() {
        Response page = given().get("/dev/room");

        page.then().statusCode(200).contentType(ContentType.HTML);
        String policy = page.header("Content-Security-Policy");
        assertThat(policy).startsWith("default-src 'none';").doesNotContain("unsafe");
        String nonce = policy.replaceFirst(".*script-src 'nonce-([^']+)'.*", "$1");
        assertThat(page.asString())
                .contains("<script nonce=\"" + nonce + "\">")
                .contains("<style nonce=\"" + nonce + "\">");
        assertThat(given().get("/dev/room").header("Content-Security-Policy")).isNotEqualTo(policy);
    }

    private ValidatableResponse post(String body) {
        return authorized().body(body).post(NOTIFICATION, room).then();
    }

    private static RequestSpecification json() {
        return given().contentType(ContentType.JSON);
    }

    private static RequestSpecification authorized() {
        return json().header("Authorization", "Bearer T");
    }

    private HttpResponse<Stream<String>> listen() throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(events).build(), HttpResponse.BodyHandlers.ofLines());
    }

    /** Returns all stored messages of a room: the replay ends with the event "live". */
    private List<JsonObject> messagesIn(String name) throws IOException, InterruptedException {
        try (Stream<String> lines = listen().body()) {
            return inTime(() -> lines.takeWhile(line -> !line.equals("event: live"))
                    .flatMap(line -> message(line, name))
                    .toList());
        }
    }

    private static JsonObject next(Iterator<String> stream, String name) {
        return inTime(() -> Stream.generate(stream::next)
                .flatMap(line -> message(line, name))
                .findFirst()
                .orElseThrow());
    }

    /** Java's client waits for the next line of a stream without end, also when its thread is interrupted. */
    private static <T> T inTime(ThrowingSupplier<T> read) {
        return assertTimeoutPreemptively(Duration.ofSeconds(90), read);
    }

    /** Returns the message in a line of the stream, if the room has this name. */
    private static Stream<JsonObject> message(String line, String name) {
        return Stream.of(line)
                .filter(data -> data.startsWith("data: "))
                .map(data -> new JsonObject(data.substring("data: ".length())))
                .filter(message -> name.equals(message.getString("room")));
    }
}
