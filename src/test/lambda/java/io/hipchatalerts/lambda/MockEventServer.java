package io.hipchatalerts.lambda;

import org.eclipse.microprofile.config.ConfigProvider;

/** Quarkus' own, which hands events to the function in the tests' JVM. */
final class MockEventServer {

    private MockEventServer() {}

    /** Where it listens: at any free port. */
    static int port() {
        return ConfigProvider.getConfig().getValue("quarkus.lambda.mock-event-server.test-port", Integer.class);
    }
}
