package io.hipchatalerts.lambda;

import static io.restassured.RestAssured.given;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** The triggers, through Quarkus' mock event server. */
@QuarkusTest
@QuarkusTestResource(
        value = HipChatResource.class,
        restrictToAnnotatedClass = true,
        initArgs = {
            @ResourceArg(name = "hipchat.global", value = "true"),
            @ResourceArg(name = "hipchat.pending.enabled", value = "true"),
            @ResourceArg(name = "hipchat.deadline", value = TriggersContract.DEADLINE),
            @ResourceArg(name = "hipchat.request-timeout", value = TriggersContract.DEADLINE)
        })
class TriggersTest extends TriggersContract {

    @Override
    Function function() {
        return event -> {
            Response response = given().port(MockEventServer.port())
                    .contentType(ContentType.JSON)
                    .body(event)
                    .post("/");
            return new Function.Answer(response.statusCode() == 500, response.asString());
        };
    }

    @Override
    FakeHipChat hipChat() {
        return HipChatResource.hipChat();
    }
}
