package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.hipchatalerts.OwnThread;
import io.hipchatalerts.WiringCheck;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Topics with handler files, through the running application; the files are those in {@code kapacitor/handlers}. */
@QuarkusTest
@WithHipChat("hipchat.handlers-dir=src/test/resources/kapacitor/handlers")
class HandlersTest extends HipChatTest {

    /** The fields of a delivery in an answer. */
    private static final List<String> KEYS = List.of("handler", "room", "status", "reason", "attempts");

    @Inject
    WiringCheck wiring;

    @Test
    void theHandlerOfKapacitorsOwnPageSendsToItsRoomWithTheConfiguredToken() {
        at("topic=cpu", "page", "CRITICAL")
                .statusCode(200)
                .body("status", is("sent"))
                .body("deliveries.handler", containsInAnyOrder("hipchat-cpu-alert"))
                .body("deliveries.room", containsInAnyOrder("alerts"));

        assertThat(hipChat.onlyRequest().room()).isEqualTo("alerts");
        assertThat(hipChat.onlyRequest().token()).isEqualTo(HipChatResource.TOKEN);
    }

    @Test
    void anEventFromABusIsSentIfItsTopicHasAHandler() {
        RequestSpecification event = given().headers(Map.of(
                "ce-id", "1", "ce-source", "s", "ce-type", "t", "ce-specversion", "1.0", "ce-topic", "cpu"));

        at(event, "/", "bus", "CRITICAL").statusCode(200).body("deliveries.handler", is(List.of("hipchat-cpu-alert")));
    }

    @Test
    void severalHandlersGetAMessageEachWithTheirOwnTokens() {
        at("topic=disk&stateChangesOnly=true", "several", "CRITICAL")
                .statusCode(200)
                .body("deliveries.handler", containsInAnyOrder("ops", "night", "warnings"))
                .body("deliveries.find { it.handler == 'warnings' }.reason", is("no-match"));

        assertThat(hipChat.requests("ops")).extracting(ReceivedRequest::token).containsExactly("token-of-ops");
        assertThat(hipChat.requests("night")).extracting(ReceivedRequest::token).containsExactly(HipChatResource.TOKEN);
    }

    @Test
    void noHandlerWaitsForAnother() throws Exception {
        hipChat.reacts(Reaction.accepts().onceReleased());

        CompletableFuture<ValidatableResponse> answer = OwnThread.supply(() -> at("topic=disk", "both", "CRITICAL"));

        // The first request has no answer yet when the second one arrives.
        hipChat.awaitRequests(2);
        hipChat.release();
        answer.get(30, TimeUnit.SECONDS).statusCode(200);
        assertThat(hipChat.accepted("ops")).hasSize(1);
        assertThat(hipChat.accepted("night")).hasSize(1);
    }

    @Test
    void aRedeliverySendsOnlyUnsentMessages() {
        hipChat.reacts("night", Reaction.answers(404));
        at("topic=disk&stateChangesOnly=true", "open", "CRITICAL")
                .statusCode(422)
                .contentType("application/problem+json")
                .body("deliveries.find { it.handler == 'ops' }.status", is("sent"))
                .body("deliveries.find { it.handler == 'night' }.status", is("refused"));

        hipChat.reset();
        at("topic=disk&stateChangesOnly=true", "open", "CRITICAL")
                .statusCode(200)
                .body("status", is("sent"))
                .body("deliveries.find { it.handler == 'ops' }.reason", is("unchanged"))
                .body("deliveries.find { it.handler == 'night' }.status", is("sent"));
        assertThat(hipChat.requests("ops")).isEmpty();
    }

    @Test
    void onlyTheRequestsOwnRoomGetsTheMessageAndNoHandlerIsAsked() {
        at("topic=disk&room=mine", "own", "CRITICAL")
                .statusCode(200)
                .body("deliveries.room", is(List.of("mine")))
                .body("deliveries[0].handler", nullValue());

        assertThat(hipChat.onlyRequest().room()).isEqualTo("mine");
    }

    @Test
    void aFileWithAnchorsAliasesAndAMergeKeySendsToTheRoomThatItMeans() {
        at("topic=mail", "merged", "CRITICAL")
                .statusCode(200)
                .body("deliveries.handler", is(List.of("merged")))
                .body("deliveries.room", is(List.of("Mail Alerts")));

        assertThat(hipChat.onlyRequest().room()).isEqualTo("Mail Alerts");
        assertThat(hipChat.onlyRequest().token()).isEqualTo("token-of-mail");
    }

    @Test
    void anEventThatEveryHandlerDeclinesIsSkippedAlsoIfAMatchFails() {
        at("topic=hosts", "declined", "OK")
                .statusCode(200)
                .body("status", is("skipped"))
                .body("reason", is("no-match"))
                .body("deliveries.reason", is(List.of("no-match", "no-match")))
                .body("deliveries.collect { it.keySet() as List }.flatten().unique()", is(KEYS));

        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void anEventOfATopicWithoutHandlersIsSentAsConfigured() {
        at("topic=other", "other", "OK")
                .statusCode(200)
                .body("deliveries[0].handler", nullValue())
                .body("deliveries.room", is(List.of("alerts")));
    }

    @Test
    void theWiringIsCheckedWithoutAMessageInAnyRoom() {
        hipChat.reacts("night", Reaction.refuses(401, "Invalid OAuth session " + HipChatResource.TOKEN));

        assertThat(wiring.run())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder(
                        "ok     configuration, room \"alerts\": HipChat accepts the token",
                        "ok     handler hipchat-cpu-alert of topic cpu, room \"alerts\": HipChat accepts the token",
                        "ok     handler ops of topic disk, room \"ops\": HipChat accepts the token",
                        "WRONG  handler night of topic disk, room \"night\": HipChat says 401 Invalid OAuth session"
                                + " ***",
                        "ok     handler warnings of topic disk, room \"alerts\": HipChat accepts the token",
                        "ok     handler merged of topic mail, room \"Mail Alerts\": HipChat accepts the token",
                        "ok     handler server-a of topic hosts, room \"alerts\": HipChat accepts the token",
                        "ok     handler critical of topic hosts, room \"alerts\": HipChat accepts the token");
        assertThat(hipChat.requests())
                .allSatisfy(request -> assertThat(request.target()).endsWith("?auth_test=true"));
        assertThat(hipChat.accepted()).isEmpty();
    }

    @Test
    void readinessMakesNoRequestToHipChat() {
        given().get("/q/health/ready").then().statusCode(200);

        assertThat(hipChat.requests()).isEmpty();
    }

    private static ValidatableResponse at(String query, String id, String level) {
        return at(given().urlEncodingEnabled(false), "/?" + query, id, level);
    }

    private static ValidatableResponse at(RequestSpecification request, String address, String id, String level) {
        return request.contentType("application/json")
                .body(Map.of("id", id, "level", level, "message", "m", "time", "2026-05-02T09:15:30Z"))
                .post(address)
                .then();
    }
}
