package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.Program;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.ReceivedRequest;
import io.restassured.RestAssured;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged program with Kapacitor's own configuration: an alert is sent with it, and each source keeps its
 * priority.
 */
class KapacitorSettingsIT {

    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://\\S+)");

    private final FakeHipChat hipChat = FakeHipChat.start();

    @TempDir
    Path folder;

    @AfterEach
    void stopHipChat() {
        hipChat.close();
    }

    @Test
    void anAlertIsSentWithOnlyTheKapacitorConfSet() throws Exception {
        Path conf = Files.writeString(folder.resolve("kapacitor.conf"), """
                [hipchat]
                  enabled = true
                  url = "%s"
                  room = "malerts"
                  token = "from-the-file"
                """.formatted(hipChat.url()));

        ReceivedRequest sent = sentWith(Map.of("HIPCHAT_KAPACITOR_CONF", conf.toString()));

        assertThat(sent.path()).isEqualTo("/v2/room/malerts/notification");
        assertThat(sent.token()).isEqualTo("from-the-file");
    }

    /** Each setting is in two neighbouring sources, and the weaker value would be visible. */
    @Test
    void everySourceHasItsPriority() throws Exception {
        Files.createDirectory(folder.resolve("config"));
        Files.writeString(folder.resolve("config/application.properties"), """
                hipchat.kapacitor-conf=kapacitor.conf
                hipchat.from=from-application-properties
                hipchat.url=http://localhost:1/from-application-properties
                %prod.hipchat.url=http://localhost:1/from-application-properties
                """);
        Files.writeString(folder.resolve("config/application-prod.properties"), """
                hipchat.url=http://localhost:1/from-application-properties
                """);
        Files.writeString(folder.resolve("kapacitor.conf"), """
                [hipchat]
                  url = "http://127.0.0.1:%d/from-kapacitor-conf"
                  token = "from-kapacitor-conf"
                  enabled = false
                """.formatted(hipChat.port()));
        Files.writeString(folder.resolve(".env"), "HIPCHAT_ENABLED=true\n");

        ReceivedRequest sent = sentWith(Map.of(
                "KAPACITOR_HIPCHAT_TOKEN", "from-kapacitor-environment",
                "KAPACITOR_HIPCHAT_ENABLED", "0",
                "KAPACITOR_HIPCHAT_ROOM", "from-kapacitor-environment",
                "HIPCHAT_ROOM", "from-environment"));

        assertThat(sent.path()).isEqualTo("/from-kapacitor-conf/from-environment/notification");
        assertThat(sent.token()).isEqualTo("from-kapacitor-environment");
        assertThat(sent.from()).isEqualTo("from-application-properties");
    }

    private ReceivedRequest sentWith(Map<String, String> environment) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(Program.command()).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
        builder.environment().put("QUARKUS_HTTP_PORT", "0");
        // A busy machine keeps it, so the message is sent once.
        builder.environment().put("HIPCHAT_REQUEST_TIMEOUT", "20s");
        Process process = builder.start();
        try (BufferedReader output = process.inputReader(UTF_8)) {
            RestAssured.given()
                    .contentType("application/json")
                    .body("{\"id\":\"cpu\",\"level\":\"CRITICAL\"}")
                    .post(address(output) + "/hipchat")
                    .then()
                    .statusCode(200);
        } finally {
            process.destroyForcibly();
        }
        return hipChat.onlyRequest();
    }

    private static String address(BufferedReader output) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                return listening.group(1);
            }
            lines.append(line).append('\n');
        }
        throw new AssertionError("it did not start: " + lines);
    }
}
