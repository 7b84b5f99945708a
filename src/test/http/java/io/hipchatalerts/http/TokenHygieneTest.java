package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No answer, log line of any level or metric contains a token, whatever fails. */
@QuarkusTest
@WithHipChat("""
        hipchat.inbound-token=s3cret-inbound-token
        hipchat.deadline=600ms
        hipchat.request-timeout=150ms
        # Only this test reads the libraries' traces.
        quarkus.log.console.level=INFO
        """)
class TokenHygieneTest extends HipChatTest {

    private static final String INBOUND = "s3cret-inbound-token";
    private static final String ALERT =
            "{\"id\":\"a\",\"level\":\"OK\",\"options\":{\"token\":\"" + HipChatResource.TOKEN + "\"%s}}";

    private final CapturedLog log = new CapturedLog("", "%p %c %s%e");
    private final Logger root = Logger.getLogger("");
    private Level level;

    @BeforeEach
    void listenAtEveryLevel() {
        level = root.getLevel();
        root.setLevel(Level.ALL);
    }

    @AfterEach
    void stopListening() {
        root.setLevel(level);
        log.close();
    }

    static Stream<Named<Reaction>> everyWayToFail() {
        return Stream.concat(
                IntStream.of(301, 400, 401, 403, 404, 405, 408, 418, 429, 500, 502, 503, 599)
                        .mapToObj(status -> named(
                                "status " + status,
                                Reaction.refuses(status, "token " + HipChatResource.TOKEN + " is bad"))),
                Stream.of(
                        named("closed", Reaction.closes()),
                        named("reset", Reaction.cuts()),
                        named("not HTTP", Reaction.answersGarbage()),
                        named("a body that is not one", Reaction.accepts(200).hasGarbageForBody()),
                        named("a cut token", Reaction.answers(401).body("x".repeat(990) + HipChatResource.TOKEN)),
                        named(
                                "elsewhere",
                                Reaction.answers(302).header("Location", "/?auth_token=" + HipChatResource.TOKEN)),
                        named("silence", Reaction.hangs())));
    }

    @ParameterizedTest
    @MethodSource("everyWayToFail")
    void noFailureOfHipChatShowsAToken(Reaction failure) {
        hipChat.reacts(failure);

        List<Response> answers = List.of(
                send("{\"id\":\"a\",\"level\":\"OK\"}"),
                send(ALERT.formatted("")),
                send(ALERT.formatted(",\"stateChangesOnly\":true")));

        answers.forEach(answer -> assertContainsNoToken(answer.headers() + answer.asString()));
        assertNothingElseContainsAToken();
    }

    @Test
    void noTokenShowsWhenTheRequestIsBad() {
        List<String> bodies = List.of(
                ALERT.formatted(",\"rooom\":1"),
                ALERT.formatted(",\"stateChangesOnly\":7"),
                ALERT.formatted("").replace("OK", "NO"),
                ALERT.formatted("") + HipChatResource.TOKEN,
                "{\"options\":{\"token\":" + HipChatResource.TOKEN + "}}",
                "{\"id\":\"a\",\"level\":\"OK\",\"options\":{\"token\":\"" + HipChatResource.TOKEN + "\\u0001\"}}",
                "{\"id\":\"a\",\"level\":\"OK\",\"options\":{\"token\":{\"x\":\"" + HipChatResource.TOKEN + "\"}}}");

        for (String body : bodies) {
            Response answer = send(body);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertContainsNoToken(answer.asString());
        }
        Response stranger = given().header("Authorization", "Bearer " + INBOUND + "x")
                .body("x")
                .post("/");
        assertThat(stranger.statusCode()).isEqualTo(401);
        assertContainsNoToken(stranger.asString());
        assertNothingElseContainsAToken();
    }

    private static Response send(String body) {
        return given().header("Authorization", "Bearer " + INBOUND)
                .header("X-HipChat-Token", HipChatResource.TOKEN)
                .contentType("application/json")
                .body(body)
                .post("/hipchat");
    }

    private void assertNothingElseContainsAToken() {
        assertThat(log.lines()).as("listens at TRACE").anyMatch(line -> line.startsWith("TRACE"));
        // The caller, RestAssured, logs in the same process and has the tokens.
        log.lines().stream()
                .filter(line -> !line.matches("(?s)\\w+ (org\\.apache\\.http|io\\.restassured).*"))
                .forEach(TokenHygieneTest::assertContainsNoToken);
        assertContainsNoToken(given().get("/q/metrics").asString());
        assertContainsNoToken(given().get("/q/health").asString());
    }

    private static void assertContainsNoToken(String text) {
        // Also its beginning: cutting a text before redacting it would leave that.
        assertThat(text).doesNotContain("s3cret");
    }
}
