package io.hipchatalerts.http;

import static io.hipchatalerts.http.RawHttp.answer;
import static io.hipchatalerts.http.RawHttp.post;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.hipchatalerts.web.InboundToken;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The callers that {@code hipchat.inbound-token} accepts. */
@QuarkusTest
@WithHipChat("hipchat.inbound-token=open:sesame")
class InboundTokenTest extends HipChatTest {

    private static final String ALERT = "{\"id\":\"a\",\"level\":\"OK\"}";

    @ParameterizedTest
    @CsvSource({
        "Bearer open:sesame",
        "bearer   open:sesame",
        "Basic a2FwYWNpdG9yOm9wZW46c2VzYW1l", // kapacitor:open:sesame
        "Basic Om9wZW46c2VzYW1l" // :open:sesame
    })
    void aCallerWithTheTokenIsAccepted(String authorization) {
        given().header("Authorization", authorization)
                .contentType("application/json")
                .body(ALERT)
                .post("/hipchat")
                .then()
                .statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer open",
                "Bearer open:sesamee",
                "Basic !!!",
                "Basic b3BlbjpzZXNhbWU=", // open:sesame: the password is sesame
                "Digest open:sesame",
                "open:sesame"
            })
    void aCallerWithoutTheTokenIsRejectedBeforeAnythingElse(String authorization) {
        given().header("Authorization", authorization)
                .contentType("text/plain")
                .body("x")
                .post("/")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", is("Bearer"))
                .contentType("application/problem+json")
                .body("status", is(401));
        assertThat(hipChat.requests()).isEmpty();
    }

    /** A wrong path, and paths that begin like one of Quarkus or the stand-in and that the router takes for the function's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nope",
                "/q/..",
                "/q/../",
                "/q/../hipchat?room=b",
                "/q/%2e%2e/",
                "/q/.%2E/hipchat",
                "/q/health/../../",
                "/q/health/../..//hipchat",
                "/q/#/../../hipchat",
                "http://x/q/../hipchat",
                "/dev/..",
                "/dev/./../hipchat"
            })
    void noPathLeadsAroundTheTokenAndOnlyWithItAWrongPathIs404(String path) throws IOException {
        String json = "Host: x\r\nContent-Type: application/json\r\n";
        String binary = json + "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\n";
        String structured = "Host: x\r\nContent-Type: application/cloudevents+json\r\n";
        String event = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":%s}";
        for (String body : List.of(ALERT, "{\"flush\":true}")) {
            for (String request : List.of(
                    post(path, json, body),
                    post(path, binary, body),
                    post(path, structured, event.formatted(body)),
                    post(path, binary, body).replaceFirst("POST", "PUT"))) {
                assertThat(answer(request)).startsWith("HTTP/1.1 401").contains("application/problem+json");
            }
        }
        assertThat(answer(post(path, binary + "Authorization: Bearer open:sesame\r\n", ALERT)))
                .startsWith("HTTP/1.1 404")
                .contains("application/problem+json");
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void healthAndMetricsStayOpen() {
        given().get("/q/health/ready").then().statusCode(200);
        given().get("/q/metrics").then().statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({"k:pä:ß, pä:ß, true", "sesame, sesame, false"})
    void aPasswordMayContainAnyCharactersAndComesAfterAColon(String credentials, String token, boolean isAccepted) {
        String basic = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));

        assertThat(InboundToken.isPresentedBy(Optional.of(basic), new Token(token)))
                .isEqualTo(isAccepted);
        assertThat(InboundToken.isPresentedBy(Optional.empty(), new Token(token)))
                .isFalse();
    }
}
