package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;

import io.hipchatalerts.fake.HipChatResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests of {@link HttpTest} against the production build, in a process of its own. */
@QuarkusIntegrationTest
@QuarkusTestResource(value = HipChatResource.class, restrictToAnnotatedClass = true)
class HttpIT extends HttpTest {

    @ParameterizedTest
    @ValueSource(strings = {"/dev/room", "/dev/room/events", "/dev/hipchat/v2/room/alerts/notification"})
    void devModeIsAbsent(String path) {
        given().get(path).then().statusCode(404);
        given().body("{}").post(path).then().statusCode(404);
    }
}
