package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests of {@link HttpTest} against the native executable, in a process of its own. */
@EnabledIfSystemProperty(
        named = "program.native",
        matches = "true",
        disabledReason = "HttpTest made the same calls to the same classes, and other tests start the jar")
@QuarkusIntegrationTest
class HttpIT extends HttpTest {

    @ParameterizedTest
    @ValueSource(strings = {"/dev/room", "/dev/room/events", "/dev/hipchat/v2/room/alerts/notification"})
    void devModeIsAbsent(String path) {
        given().get(path).then().statusCode(404);
        given().body("{}").post(path).then().statusCode(404);
    }
}
