package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import com.github.tomakehurst.wiremock.client.WireMock;
import io.hipchatalerts.WiringCheck;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Topics with handler files, through the running application; the files are those in {@code kapacitor/handlers}. */
@QuarkusTest
@QuarkusTestResource(
        value = FakeHipChat.class,
        restrictToAnnotatedClass = true,
        initArgs = {
            @ResourceArg(name = "hipchat.handlers-dir", value = "src/test/resources/kapacitor/handlers"),
            // Nothing here is about time, so a busy machine may take its own.
            @ResourceArg(name = "hipchat.deadline", value = "25s"),
            @ResourceArg(name = "hipchat.request-timeout", value = "20s")
        })
class HandlersTest {

    /** What stands in an answer about each delivery, and no more. */
    private static final List<String> KEYS = List.of("handler", "room", "status", "reason", "attempts");

    @Inject
    WiringCheck wiring;

    @BeforeEach
    void hipChatAcceptsEverything() {
        FakeHipChat.acceptsEverything();
    }

    @Test
    void theHandlerOfKapacitorsOwnPageSendsToItsRoomWithTheConfiguredToken() {
        at(given().queryParam("topic", "cpu"), "page", "CRITICAL")
                .statusCode(200)
                .body("status", is("sent"))
                .body("deliveries.handler", containsInAnyOrder("hipchat-cpu-alert"))
                .body("deliveries.room", containsInAnyOrder("alerts"));

        assertThat(FakeHipChat.requests("alerts")).singleElement().satisfies(request -> assertThat(
                        request.getHeader("Authorization"))
                .isEqualTo("Bearer " + FakeHipChat.TOKEN));
    }

    @Test
    void anEventFromABusIsSentIfItsTopicHasAHandler() {
        RequestSpecification event = given().headers(Map.of(
                "ce-id", "1", "ce-source", "s", "ce-type", "t", "ce-specversion", "1.0", "ce-topic", "cpu"));

        at(event, "bus", "CRITICAL").statusCode(200).body("deliveries.handler", is(List.of("hipchat-cpu-alert")));
    }

    @Test
    void severalHandlersGetAMessageEachWithTheirOwnTokens() {
        at(given().queryParam("topic", "disk").queryParam("stateChangesOnly", "true"), "several", "CRITICAL")
                .statusCode(200)
                .body("deliveries.handler", containsInAnyOrder("ops", "night", "warnings"))
                .body("deliveries.find { it.handler == 'warnings' }.reason", is("no-match"));

        assertThat(FakeHipChat.requests("ops").get(0).getHeader("Authorization"))
                .isEqualTo("Bearer token-of-ops");
        assertThat(FakeHipChat.requests("night").get(0).getHeader("Authorization"))
                .isEqualTo("Bearer " + FakeHipChat.TOKEN);
    }

    @Test
    void noneWaitsForAnother() {
        Duration slow = Duration.ofSeconds(5);
        FakeHipChat.answers("ops", WireMock.aResponse().withStatus(204).withFixedDelay((int) slow.toMillis()));
        FakeHipChat.answers("night", WireMock.aResponse().withStatus(204).withFixedDelay((int) slow.toMillis()));

        at(given().queryParam("topic", "disk"), "both", "CRITICAL").statusCode(200);

        Instant ops = FakeHipChat.requests("ops").get(0).getLoggedDate().toInstant();
        Instant night = FakeHipChat.requests("night").get(0).getLoggedDate().toInstant();
        assertThat(Duration.between(ops, night).abs())
                .as("one after the other, the second message goes out after the first one's answer")
                .isLessThan(slow);
    }

    @Test
    void aRedeliverySendsOnlyWhatIsStillOpen() {
        FakeHipChat.answers("night", WireMock.aResponse().withStatus(404));
        at(given().queryParam("topic", "disk").queryParam("stateChangesOnly", "true"), "open", "CRITICAL")
                .statusCode(422)
                .contentType("application/problem+json")
                .body("deliveries.find { it.handler == 'ops' }.status", is("sent"))
                .body("deliveries.find { it.handler == 'night' }.status", is("refused"));

        FakeHipChat.acceptsEverything();
        at(given().queryParam("topic", "disk").queryParam("stateChangesOnly", "true"), "open", "CRITICAL")
                .statusCode(200)
                .body("status", is("sent"))
                .body("deliveries.find { it.handler == 'ops' }.reason", is("unchanged"))
                .body("deliveries.find { it.handler == 'night' }.status", is("sent"));
        assertThat(FakeHipChat.requests("ops")).isEmpty();
    }

    @Test
    void onlyTheRequestsOwnRoomGetsTheMessageAndNoHandlerIsAsked() {
        at(given().queryParam("topic", "disk").queryParam("room", "mine"), "own", "CRITICAL")
                .statusCode(200)
                .body("deliveries.room", is(List.of("mine")))
                .body("deliveries[0].handler", nullValue());

        assertThat(FakeHipChat.all()).hasSize(1);
    }

    @Test
    void whereEveryHandlerDeclinesTheEventIsSkippedAlsoWhereAMatchFailed() {
        at(given().queryParam("topic", "hosts"), "declined", "OK")
                .statusCode(200)
                .body("status", is("skipped"))
                .body("reason", is("no-match"))
                .body("deliveries.reason", is(List.of("no-match", "no-match")))
                .body("deliveries.collect { it.keySet() as List }.flatten().unique()", is(KEYS));

        assertThat(FakeHipChat.all()).isEmpty();
    }

    @Test
    void anEventOfATopicWithoutHandlersIsSentAsConfigured() {
        at(given().queryParam("topic", "other"), "other", "OK")
                .statusCode(200)
                .body("deliveries[0].handler", nullValue())
                .body("deliveries.room", is(List.of("alerts")));
    }

    @Test
    void theWiringIsCheckedWithoutAMessageInAnyRoom() {
        FakeHipChat.answers(WireMock.any(WireMock.anyUrl())
                .withQueryParam("auth_test", WireMock.equalTo("true"))
                .willReturn(WireMock.aResponse().withStatus(202)));
        FakeHipChat.answers(
                "night",
                WireMock.aResponse()
                        .withStatus(401)
                        .withBody("{\"error\":{\"code\":401,\"message\":\"Invalid OAuth session " + FakeHipChat.TOKEN
                                + "\"}}"));

        assertThat(wiring.run())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder(
                        "ok     configuration, room \"alerts\": HipChat takes the token",
                        "ok     handler hipchat-cpu-alert of topic cpu, room \"alerts\": HipChat takes the token",
                        "ok     handler ops of topic disk, room \"ops\": HipChat takes the token",
                        "WRONG  handler night of topic disk, room \"night\": HipChat says 401 Invalid OAuth session ***",
                        "ok     handler warnings of topic disk, room \"alerts\": HipChat takes the token",
                        "ok     handler server-a of topic hosts, room \"alerts\": HipChat takes the token",
                        "ok     handler critical of topic hosts, room \"alerts\": HipChat takes the token");
        assertThat(FakeHipChat.all())
                .allSatisfy(request -> assertThat(request.getUrl()).endsWith("?auth_test=true"));
    }

    @Test
    void readinessAsksNothingOfHipChat() {
        given().get("/q/health/ready").then().statusCode(200);

        assertThat(FakeHipChat.all()).isEmpty();
    }

    private static ValidatableResponse at(RequestSpecification request, String id, String level) {
        return request.contentType("application/json")
                .body(Map.of("id", id, "level", level, "message", "m", "time", "2026-05-02T09:15:30Z"))
                .post("/")
                .then();
    }
}
