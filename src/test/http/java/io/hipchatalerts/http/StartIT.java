package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.Program;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.state.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A bad configuration stops the start of the real program: one clear line, no stack trace, no token, exit code not 0. One
 * setting stands for each kind; {@code SettingsTest} has all of them.
 */
class StartIT {

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', textBlock = """
            HIPCHAT_ENABLED                    | perhaps       | hipchat.enabled                     | true
            HIPCHAT_URL                        | ftp://x/room  | hipchat.url                         | https
            HIPCHAT_DEADLINE                   | 0s            | hipchat.deadline                    | 10m
            HIPCHAT_COLOR_CRITICAL             | orange        | hipchat.color.critical              | purple
            HIPCHAT_DIGEST_FROM                | x             | hipchat.digest.from                 | from 2 on
            HIPCHAT_FROM                       | ''            | hipchat.from                        | leave it out
            QUARKUS_HTTP_IDLE_TIMEOUT          | soon          | quarkus.http.idle-timeout           | not valid
            HIPCHAT_COLOR_OK                   | ''            | hipchat.color.ok                    | leave it out
            HIPCHAT_FROM                       | 12345678901234567890123456789012345678901234567890123456789012345 | hipchat.from | 64
            """)
    void aBadValueStopsTheStart(String variable, String value, String key, String allowed) throws Exception {
        Stopped stopped = start(Map.of(variable, value, "HIPCHAT_TOKEN", "s3cret", "HIPCHAT_INBOUND_TOKEN", "s3cret"));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .singleElement()
                .asString()
                .startsWith(key + " is \"" + value + "\"; ")
                .contains(allowed);
        assertThat(stopped.lines()).noneMatch(line -> line.contains("\tat ") || line.contains("s3cret"));
    }

    @Test
    void enabledWithoutAddressStopsTheStart() throws Exception {
        Stopped stopped = start(Map.of("HIPCHAT_ENABLED", "true"));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines()).singleElement().asString().contains("hipchat.url", "hipchat.enabled");
    }

    @Test
    void anInvalidTokenStopsTheStartAndIsNotShown() throws Exception {
        Stopped stopped = start(Map.of("HIPCHAT_TOKEN", "s3cret\u0007"));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .singleElement()
                .asString()
                .contains("hipchat.token")
                .doesNotContain("s3cret");
    }

    @Test
    void aTokenInTheAddressIsNotShown() throws Exception {
        Stopped stopped = start(
                Map.of("HIPCHAT_URL", "https://u:s3cret@x.hipchat.com/v2/room/ops/notification?auth_token=s3cret&a=b"));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .singleElement()
                .asString()
                .contains("hipchat.url", "auth_token=***&a=b", "allowed")
                .doesNotContain("s3cret");
    }

    /** Cases 02, 03 and 04 of the field, and their like, in the settings of Quarkus. */
    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', textBlock = """
            QUARKUS_REDIS_HOSTS                               | localhost:6379                      | quarkus.redis.hosts is "localhost:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://:my@s3cretPW@127.0.0.1:6379 | quarkus.redis.hosts is "redis://***@127.0.0.1:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://:my%s3cretPW@127.0.0.1:6379 | quarkus.redis.hosts is "redis://***@127.0.0.1:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://:p@s3/w:rd#1@127.0.0.1:6379 | quarkus.redis.hosts is "redis://***@127.0.0.1:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://a:1,redis://b:1             | quarkus.redis.hosts is "redis://a:1,redis://b:1"; allowed
            QUARKUS_REDIS_CLIENT_TYPE                         | ring                                | quarkus.redis.client-type is "ring"; allowed
            QUARKUS_REDIS_TLS_CONFIGURATION_NAME              | nosuch                              | quarkus.redis.tls-configuration-name is "nosuch"; allowed
            QUARKUS_REST_CLIENT_HIPCHAT_TLS_CONFIGURATION_NAME| nosuch                              | quarkus.rest-client.hipchat.tls-configuration-name is "nosuch"; allowed
            QUARKUS_REST_CLIENT_HIPCHAT_PROXY_ADDRESS         | http://u:s3cret@proxy:80            | proxy-address is "http://***@proxy:80"; allowed
            QUARKUS_TLS_REDIS_TRUST_STORE_PEM_CERTS           | /no/such/ca.pem                     | quarkus.tls.redis.trust-store.pem.certs is "/no/such/ca.pem"; allowed
            QUARKUS_DYNAMODB_AWS_REGION                       | eu west                             | quarkus.dynamodb.aws.region is "eu west"; allowed
            QUARKUS_DYNAMODB_AWS_CREDENTIALS_TYPE             | magic                               | quarkus.dynamodb.aws.credentials.type is "magic"; allowed
            QUARKUS_DYNAMODB_AWS_CREDENTIALS_TYPE             | static                              | quarkus.dynamodb.aws.credentials.static-provider
            QUARKUS_DYNAMODB_ENDPOINT_OVERRIDE                | http://u:s3cret@localhost:8000      | quarkus.dynamodb.endpoint-override is "http://***@localhost:8000"; allowed
            HIPCHAT_URL                                       | http://u:s3cret@127.0.0.1/v2/room   | hipchat.url is "http://***@127.0.0.1/v2/room"; with hipchat.auth=header
            HIPCHAT_URL                                       | http://u:p@s3cret@127.0.0.1/v2/room | hipchat.url is "http://***@127.0.0.1/v2/room"; allowed
            """)
    void aBadSettingOfQuarkusStopsTheStartInTheSameWay(String variable, String value, String said) throws Exception {
        Map<String, String> settings =
                new TreeMap<>(Map.of("HIPCHAT_STATE_STORE", "redis", "QUARKUS_REDIS_HOSTS", "redis://localhost:6379"));
        if (variable.contains("DYNAMODB")) {
            settings.putAll(Map.of("HIPCHAT_STATE_STORE", "dynamodb", "AWS_REGION", "eu-central-1"));
        }
        settings.put(variable, value);

        Stopped stopped = start(settings);

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines()).singleElement().asString().contains(said).doesNotContain("s3");
    }

    @Test
    void theCheckHasTheSameRules() throws Exception {
        for (String room : List.of("a\nb", "..", "x".repeat(300))) {
            Map<String, String> settings = Map.of("HIPCHAT_ROOM", room);
            Stopped stopped = start(settings);

            assertThat(stopped.lines()).singleElement().asString().startsWith("hipchat.room is \"");
            assertThat(start(settings, "check")).isEqualTo(stopped);
        }
    }

    @Test
    void aStoreWithoutARegionStopsTheStartInOneLine() throws Exception {
        Stopped stopped = start(Map.of("HIPCHAT_STATE_STORE", "dynamodb", "AWS_EC2_METADATA_DISABLED", "true"));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .singleElement()
                .asString()
                .startsWith("quarkus.dynamodb.aws.region ")
                .hasSizeLessThan(400);
    }

    @Test
    void aLineEndInAnyFilesNameLeavesOneLine() throws Exception {
        for (String variable : List.of(
                "HIPCHAT_KAPACITOR_CONF",
                "HIPCHAT_HANDLERS_DIR",
                "HIPCHAT_TOKEN_FILE",
                "QUARKUS_TLS_REDIS_TRUST_STORE_PEM_CERTS")) {
            assertThat(start(Map.of(variable, "a\nb")).lines()).as(variable).hasSize(1);
        }
    }

    @Test
    void aFileWithoutATokenStopsTheStart(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("token");

        Stopped stopped = start(Map.of("HIPCHAT_TOKEN_FILE", file.toString()));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .containsExactly("hipchat.token-file is \"" + file + "\"; allowed is a readable file of at most 8192"
                        + " bytes that contains the token; there is none of this name");
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
                    .containsExactly("ok     configuration, room \"alerts\": HipChat takes the token");
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
                    .containsExactly("ok     configuration, room \"alerts\": HipChat takes the token");
            assertThat(hipChat.onlyRequest().header("Host")).contains("my_chat:" + hipChat.port());
        }
    }

    /** Kapacitor's text is no expression: the whole program must read a backslash as text. */
    @Test
    void aBackslashInKapacitorsSettingsDoesNotStopTheStart() throws Exception {
        Stopped stopped = start(Map.of("KAPACITOR_HIPCHAT_ROOM", "a\\b"), "check");

        assertThat(stopped.lines()).containsExactly("WRONG  hipchat.enabled is false: nothing is sent");
    }

    @Test
    void aWrongTypeInKapacitorConfStopsTheStart(@TempDir Path folder) throws Exception {
        Path conf = Files.writeString(
                folder.resolve("kapacitor.conf"), "[hipchat]\n  token = \"s3cret\"\n  room = 1234567\n");

        Stopped stopped = start(Map.of("HIPCHAT_KAPACITOR_CONF", conf.toString()));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .containsExactly("hipchat.kapacitor-conf is \"" + conf
                        + "\": line 3: room in [hipchat] is 1234567; allowed is text in quotes: room = \"1234567\"");
    }

    @Test
    void anAliasWithoutAnAnchorInAHandlerFileStopsTheStart(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("cpu.yaml"), "topic: cpu\nid: hip\nkind: hipchat\noptions:\n  token: *s3cret\n");

        Stopped stopped = start(Map.of("HIPCHAT_HANDLERS_DIR", folder.toString()));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .containsExactly("The handler file " + file + " in hipchat.handlers-dir: an alias has no anchor"
                        + " (put text that begins with * in quotes); the error is at line 5, column 10");
    }

    @Test
    void aMissingKapacitorConfStopsTheStart(@TempDir Path folder) throws Exception {
        Path conf = folder.resolve("kapacitor.conf");

        Stopped stopped = start(Map.of("HIPCHAT_KAPACITOR_CONF", conf.toString()));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .containsExactly("hipchat.kapacitor-conf is \"" + conf + "\": there is no such file");
    }

    @Test
    void aBooleanThatKapacitorWouldRefuseStopsTheStart() throws Exception {
        Stopped stopped = start(Map.of("KAPACITOR_HIPCHAT_GLOBAL", "perhaps", "KAPACITOR_HIPCHAT_TOKEN", "s3cret"));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .containsExactly("KAPACITOR_HIPCHAT_GLOBAL is \"perhaps\";"
                        + " allowed are 1 t T TRUE true True and 0 f F FALSE false False");
    }

    @Test
    void anInvalidHandlerFileStopsTheStart(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("cpu.yaml"), "topic: cpu\nid: a\nkind: hipchat\noptions:\n  room: 1234567\n");

        Stopped stopped = start(Map.of("HIPCHAT_HANDLERS_DIR", folder.toString()));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .singleElement()
                .asString()
                .contains("cpu.yaml", "hipchat.handlers-dir", "options.room must be text; put it in quotes");
    }

    @Test
    void aLineEndInAHandlerFileOrInItsNameLeavesOneLine(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("cpu\n.yaml"), "topic: cpu\nid: a\nkind: hipchat\noptions:\n  room: \"ops\\r\\n\"\n");

        Stopped stopped = start(Map.of("HIPCHAT_HANDLERS_DIR", folder.toString()));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines())
                .singleElement()
                .asString()
                .endsWith("options.room is \"ops\uFFFD\uFFFD\"; it cannot be the name or number of a HipChat room");
    }

    @Test
    void aMissingFolderStopsTheStart() throws Exception {
        Stopped stopped = start(Map.of("HIPCHAT_HANDLERS_DIR", "/no/such/folder"));

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.lines()).singleElement().asString().contains("hipchat.handlers-dir", "/no/such/folder");
    }

    /** Room; HipChat's status; exit code; output. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            right | 202 | 0 | ok     configuration, room "right": HipChat takes the token
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

    private record Stopped(int exitCode, List<String> lines) {}

    private static Stopped start(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Program.command(arguments)).redirectErrorStream(true);
        builder.environment().putAll(new TreeMap<>(environment));
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
