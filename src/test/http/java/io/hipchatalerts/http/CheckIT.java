package io.hipchatalerts.http;

import static io.hipchatalerts.http.Stopped.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.Program;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.state.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged program's command {@code check}. */
class CheckIT {

    @Test
    void theCheckHasTheSameRules() throws Exception {
        for (Map<String, String> settings : List.of(
                Map.of("HIPCHAT_ROOM", "a\nb"),
                Map.of("HIPCHAT_ROOM", ".."),
                Map.of("HIPCHAT_ROOM", "x".repeat(300)),
                Map.of("HIPCHAT_PENDING_ENABLED", "perhaps"),
                Map.of("QUARKUS_LOG_CATEGORY__IO_QUARKUS__LEVEL", "loud"))) {
            Stopped stopped = start(settings);

            assertThat(stopped.exitCode()).isEqualTo(1);
            assertThat(stopped.lines()).singleElement().asString().contains(" is \"");
            assertThat(start(settings, "check")).isEqualTo(stopped);
        }
    }

    /** Cases 02 and 03 of the field. */
    @Test
    void whiteSpaceAroundAValueIsDroppedAndAFileMayHoldTheToken(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "s3c$ret\\\n");
        try (FakeHipChat hipChat = FakeHipChat.start()) {
            hipChat.reacts(Reaction.answers(202));

            Stopped stopped = start(
                    Map.of(
                            "HIPCHAT_ENABLED",
                            " TRUE\n",
                            "HIPCHAT_URL",
                            hipChat.url() + "\n",
                            "KAPACITOR_HIPCHAT_ROOM",
                            "alerts\r",
                            "HIPCHAT_TOKEN_FILE",
                            file + "\r\n"),
                    "check");

            assertThat(stopped.lines())
                    .containsExactly("ok     configuration, room \"alerts\": HipChat accepts the token");
            assertThat(hipChat.onlyRequest().token()).isEqualTo("s3c$ret\\");
        }
    }

    /** A name as in compose files; the JVM reads it from a file in the place of DNS. */
    @Test
    void aHostNameMayHaveAnUnderscore(@TempDir Path folder) throws Exception {
        Assumptions.assumeFalse(Program.isNative(), "only a JVM can be given a file with hosts");
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 my_chat my_redis localhost\n");
        try (FakeHipChat hipChat = FakeHipChat.start()) {
            hipChat.reacts(Reaction.answers(202));

            Stopped stopped = start(
                    Map.of(
                            "JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=" + hosts,
                            "HIPCHAT_ENABLED", "true",
                            "HIPCHAT_URL", hipChat.url().replace("127.0.0.1", "my_chat"),
                            "HIPCHAT_ROOM", "alerts",
                            "HIPCHAT_TOKEN", "s3cret",
                            "HIPCHAT_STATE_STORE", "redis",
                            "QUARKUS_REDIS_HOSTS",
                                    "redis://my_redis:" + RedisProcess.shared().port()),
                    "check");

            assertThat(stopped.lines())
                    .filteredOn(line -> !line.startsWith("Picked up"))
                    .containsExactly("ok     configuration, room \"alerts\": HipChat accepts the token");
            assertThat(hipChat.onlyRequest().header("Host")).contains("my_chat:" + hipChat.port());
        }
    }

    /** Kapacitor's text is no expression: the whole program must read a backslash as text. */
    @Test
    void aBackslashInKapacitorsSettingsDoesNotStopTheStart() throws Exception {
        Stopped stopped = start(Map.of("KAPACITOR_HIPCHAT_ROOM", "a\\b"), "check");

        assertThat(stopped.lines()).containsExactly("WRONG  hipchat.enabled is false: nothing is sent");
    }

    /** Room; HipChat's status; exit code; output. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            right | 202 | 0 | ok     configuration, room "right": HipChat accepts the token
            wrong | 401 | 1 | WRONG  configuration, room "wrong": HipChat says 401
            """)
    void theWiringIsCheckedWithOneCommand(String room, int status, int exitCode, String said) throws Exception {
        try (FakeHipChat hipChat = FakeHipChat.start()) {
            hipChat.reacts(Reaction.answers(status));

            Stopped stopped = start(
                    Map.of(
                            "HIPCHAT_ENABLED",
                            "true",
                            "HIPCHAT_URL",
                            hipChat.url(),
                            "HIPCHAT_ROOM",
                            room,
                            "HIPCHAT_TOKEN",
                            "s3cret"),
                    "check");

            assertThat(stopped.lines()).containsExactly(said);
            assertThat(stopped.exitCode()).isEqualTo(exitCode);
            assertThat(hipChat.onlyRequest().target()).isEqualTo("/v2/room/" + room + "/notification?auth_test=true");
        }
    }

    /** The key is the one in src/docs/from-kapacitor.md. Kapacitor's handler heeds the variable (K §1.3). */
    @Test
    void requestsToHipChatGoThroughTheConfiguredProxyAndNotThroughThatOfTheEnvironment() throws Exception {
        try (FakeHipChat proxy = FakeHipChat.start();
                FakeHipChat proxyOfTheEnvironment = FakeHipChat.start()) {
            Stopped stopped = start(
                    Map.of(
                            "HIPCHAT_ENABLED",
                            "true",
                            "HIPCHAT_URL",
                            "http://hipchat.invalid/v2/room",
                            "HIPCHAT_ROOM",
                            "alerts",
                            "HIPCHAT_TOKEN",
                            "s3cret",
                            "QUARKUS_REST_CLIENT_HIPCHAT_PROXY_ADDRESS",
                            "127.0.0.1:" + proxy.port(),
                            "HTTP_PROXY",
                            "http://127.0.0.1:" + proxyOfTheEnvironment.port()),
                    "check");

            assertThat(stopped.exitCode()).as(stopped.toString()).isZero();
            assertThat(proxy.onlyRequest().target())
                    .isEqualTo("http://hipchat.invalid/v2/room/alerts/notification?auth_test=true");
            assertThat(proxyOfTheEnvironment.requests()).isEmpty();
        }
    }

    @Test
    void anUnknownArgumentStopsTheStart() throws Exception {
        Stopped stopped = start(Map.of(), "chekc");

        assertThat(stopped.exitCode()).isEqualTo(2);
        assertThat(stopped.lines()).singleElement().asString().startsWith("The only argument is check");
    }
}
