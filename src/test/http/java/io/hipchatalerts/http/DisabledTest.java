package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** The order of the checks while {@code hipchat.enabled} is false, which is the default (K §1.1). */
@QuarkusTest
@WithHipChat("hipchat.enabled=false")
class DisabledTest extends HipChatTest {

    @Test
    void everyEventIsSkippedAsDisabled() {
        given().contentType("application/json")
                .body("{\"id\":\"a\",\"level\":\"CRITICAL\"}")
                .post("/hipchat")
                .then()
                .statusCode(200)
                .body("status", is("skipped"))
                .body("reason", is("disabled"))
                .body("deliveries", empty());
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void aFlushIsSkippedAndLogged() {
        try (CapturedLog log = new CapturedLog("io.hipchatalerts", "%c{1} %p %m")) {
            given().contentType("application/json")
                    .body("{\"flush\": true}")
                    .post("/hipchat")
                    .then()
                    .statusCode(200)
                    .body("status", is("skipped"))
                    .body("reason", is("disabled"));

            assertThat(log.lines()).containsExactly("pending INFO flush status=skipped reason=disabled");
        }
    }

    @Test
    void disabledComesBeforeEmptyEvent() {
        given().contentType("application/json")
                .body("{\"id\":\"\",\"message\":\"\",\"level\":\"OK\"}")
                .post("/hipchat")
                .then()
                .statusCode(200)
                .body("reason", is("disabled"));
    }

    @Test
    void disabledComesBeforeAQueryThatIsWrong() {
        given().contentType("application/json")
                .queryParam("stateChangesOnly", "often")
                .body("{\"id\":\"a\",\"level\":\"CRITICAL\"}")
                .post("/hipchat")
                .then()
                .statusCode(200)
                .body("reason", is("disabled"));
    }

    @Test
    void aBodyThatIsNoAlertComesBeforeDisabled() {
        given().contentType("application/json")
                .body("{\"id\":\"a\"}")
                .post("/hipchat")
                .then()
                .statusCode(400);
    }
}
