package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.Program;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of the packaged program that has ended by itself. */
record Stopped(int exitCode, List<String> lines) {

    /** Starts the program, which refuses its settings, and returns the only line that it writes. */
    static String refusal(Map<String, String> environment) throws IOException, InterruptedException {
        Stopped stopped = start(environment);
        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines()).hasSize(1);
        return stopped.lines().get(0);
    }

    /** Starts the program and waits for its end. */
    static Stopped start(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Program.command(arguments)).redirectErrorStream(true);
        // A busy machine keeps these limits. Vert.x would log in a line of its own that it does not keep the third.
        builder.environment()
                .putAll(Map.of(
                        "HIPCHAT_REQUEST_TIMEOUT", "60s",
                        "HIPCHAT_DEADLINE", "100s",
                        "QUARKUS_VERTX_MAX_EVENT_LOOP_EXECUTE_TIME", "100s",
                        "QUARKUS_SHUTDOWN_TIMEOUT", "110s"));
        builder.environment().putAll(environment);
        builder.environment().put("QUARKUS_HTTP_PORT", "0");
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Stopped(process.exitValue(), output.lines().toList());
        } finally {
            process.destroyForcibly();
        }
    }
}
