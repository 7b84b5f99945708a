package io.hipchatalerts.lambda;

import static io.restassured.RestAssured.given;

import io.restassured.response.Response;
import org.eclipse.microprofile.config.ConfigProvider;

/** Quarkus' own, which hands events to the function in the tests' JVM. */
final class MockEventServer implements Function {

    @Override
    public Answer invoke(String event) {
        Response response =
                given().port(port()).contentType("application/json").body(event).post("/");
        return new Answer(response.statusCode() == 500, response.asString());
    }

    /** Where it listens: at any free port. */
    private static int port() {
        return ConfigProvider.getConfig().getValue("quarkus.lambda.mock-event-server.test-port", Integer.class);
    }
}
