package io.hipchatalerts.lambda;

import static io.restassured.RestAssured.given;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** The triggers, through Quarkus' mock event server. */
@QuarkusTest
@WithHipChat("""
        hipchat.global=true
        hipchat.pending.enabled=true
        hipchat.deadline=30s
        hipchat.request-timeout=30s
        """)
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
