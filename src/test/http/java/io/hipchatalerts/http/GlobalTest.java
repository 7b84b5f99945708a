package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@code global} together with {@code state-changes-only}, which has no effect without it (K §2.1), and a reminder
 * interval.
 */
@QuarkusTest
@WithHipChat("""
        hipchat.global=true
        hipchat.state-changes-only=true
        hipchat.state-changes-only-interval=10s
        hipchat.auth=query
        hipchat.color.info=purple
        hipchat.message-format=html
        hipchat.notify=false
        hipchat.from=nightwatch
        """)
class GlobalTest extends HipChatTest {

    @Test
    void anEventFromABusIsSentWithoutNamingHipChat() {
        RequestSpecification event =
                given().headers(Map.of("ce-id", "1", "ce-source", "s", "ce-type", "t", "ce-specversion", "1.0"));

        at(event, "bus", "CRITICAL", "00").statusCode(200).body("status", is("sent"));
    }

    @Test
    void onlyChangesAndDueRemindersAreSent() {
        at(given(), "sco", "CRITICAL", "00").body("status", is("sent"));
        at(given(), "sco", "CRITICAL", "09").body("reason", is("unchanged"));
        at(given(), "sco", "CRITICAL", "10").body("status", is("sent"));
        at(given(), "sco", "OK", "11").body("status", is("sent"));
        at(given(), "sco", "OK", "30").body("reason", is("unchanged"));
    }

    @Test
    void theOptionsFalseBeatsTheConfiguration() {
        at(given().queryParam("stateChangesOnly", "false"), "off", "CRITICAL", "00")
                .body("status", is("sent"));
        at(given().queryParam("stateChangesOnly", "false"), "off", "CRITICAL", "01")
                .body("status", is("sent"));
    }

    @Test
    void anIdIsNeededToDistinguishAlerts() {
        given().contentType("application/json")
                .body("{\"message\":\"m\",\"level\":\"OK\"}")
                .post("/hipchat")
                .then()
                .statusCode(400);
    }

    @Test
    void theNotificationIsAsConfiguredAndTheTokenInTheQuery() {
        at(given(), "shape", "INFO", "00").body("status", is("sent"));

        assertThat(hipChat.onlyRequest().target())
                .isEqualTo("/v2/room/alerts/notification?auth_token=" + HipChatResource.TOKEN);
        assertThat(hipChat.onlyRequest().header("Authorization")).isEmpty();
        assertThat(hipChat.onlyRequest().body())
                .isEqualTo(
                        "{\"from\":\"nightwatch\",\"color\":\"purple\",\"message\":\"shape is INFO\",\"notify\":false,"
                                + "\"message_format\":\"html\"}");
    }

    private static ValidatableResponse at(RequestSpecification request, String id, String level, String second) {
        return request.contentType("application/json")
                .body("{\"id\":\"%s\",\"level\":\"%s\",\"time\":\"2026-05-02T09:15:%sZ\"}".formatted(id, level, second))
                .post("/")
                .then();
    }
}
