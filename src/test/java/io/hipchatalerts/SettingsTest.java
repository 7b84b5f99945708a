package io.hipchatalerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.config.ConfigCheck;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.StoreTimeouts;
import io.quarkiverse.amazon.dynamodb.runtime.DynamoDbConfig;
import io.quarkus.redis.runtime.client.config.RedisConfig;
import io.quarkus.restclient.config.RestClientsConfig;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every setting that README and src/docs/configuration.md name, with every kind of bad value: it is used as it was validated, or it
 * stops the start in one line that names the key and shows no secret. {@code StartIT} tries some of them on the packaged
 * program.
 */
class SettingsTest {

    private static final String SECRET = "s3cretPW";
    private static final int LONGEST_LINE = 600;

    /** How a setting reacts to a word that is no special value of it. */
    private enum Words {
        ANY,
        NONE
    }

    /** Whether a setting may be empty. */
    private enum Empty {
        UNSET,
        REFUSED
    }

    private record Setting(String key, String valid, Words words, Empty empty, Map<String, String> others) {

        @Override
        public String toString() {
            return key;
        }
    }

    @TempDir
    private static Path folder;

    private static Path token;
    private static Path certificates;

    static Stream<Setting> settings() throws IOException {
        token = Files.writeString(folder.resolve("token"), "t0k3n");
        certificates = Path.of("src/test/resources/ca.pem").toAbsolutePath();
        Map<String, String> tls = Map.of("quarkus.tls.ours.trust-all", "false");
        return Stream.of(
                closed("hipchat.enabled", "true", Map.of("hipchat.url", "http://localhost/v2/room")),
                unset("hipchat.url", "http://my_chat:8080/v2/room", Words.NONE),
                unset("hipchat.room", "alerts", Words.ANY),
                unset("hipchat.token", "t0k3n", Words.ANY),
                unset("hipchat.token-file", token.toString(), Words.NONE),
                closed("hipchat.global", "TRUE"),
                closed("hipchat.state-changes-only", "False"),
                unset("hipchat.state-changes-only-interval", "10m", Words.NONE),
                new Setting("hipchat.from", "kapacitor", Words.ANY, Empty.REFUSED, Map.of()),
                closed("hipchat.notify", "false"),
                closed("hipchat.message-format", "html"),
                closed("hipchat.color.ok", "purple"),
                closed("hipchat.color.info", "gray"),
                closed("hipchat.color.warning", "random"),
                closed("hipchat.color.critical", "red"),
                closed("hipchat.auth", "query"),
                closed("hipchat.deadline", "10s"),
                closed("hipchat.request-timeout", "1500ms"),
                unset("hipchat.handlers-dir", folder.toString(), Words.ANY),
                unset("hipchat.kapacitor-conf", "kapacitor.conf", Words.ANY),
                closed("hipchat.log-format", "json"),
                unset("hipchat.inbound-token", "t0k3n", Words.ANY),
                unset("hipchat.inbound-token-file", token.toString(), Words.NONE),
                closed("hipchat.state.store", "dynamodb"),
                closed("hipchat.state.ttl", "2w"),
                new Setting("hipchat.state.key-prefix", "a:b", Words.ANY, Empty.REFUSED, Map.of()),
                closed("hipchat.state.on-outage", "fail"),
                new Setting("hipchat.state.dynamodb.table", "a_table", Words.ANY, Empty.REFUSED, Map.of()),
                closed("hipchat.pending.enabled", "false"),
                closed("hipchat.pending.max-age", "2h"),
                closed("hipchat.pending.poll", "1m"),
                closed("hipchat.digest.from", "12"),
                unset("quarkus.redis.hosts", "redis://:p%40ss@my_redis:6379/1", Words.NONE),
                closed("quarkus.redis.client-type", "cluster"),
                unset("quarkus.redis.master-name", "mymaster", Words.ANY),
                unset("quarkus.redis.password", "p@ss", Words.ANY),
                new Setting("quarkus.redis.tls-configuration-name", "ours", Words.NONE, Empty.UNSET, tls),
                unset("quarkus.tls.redis.trust-store.pem.certs", certificates.toString(), Words.NONE),
                unset("quarkus.dynamodb.aws.region", "eu-central-1", Words.ANY),
                closed("quarkus.dynamodb.aws.credentials.type", "anonymous"),
                unset("quarkus.dynamodb.endpoint-override", "http://localhost:8000", Words.NONE),
                new Setting("quarkus.rest-client.hipchat.tls-configuration-name", "ours", Words.NONE, Empty.UNSET, tls),
                unset("quarkus.rest-client.hipchat.proxy-address", "proxy_host:3128", Words.NONE));
    }

    private static Setting unset(String key, String valid, Words words) {
        return new Setting(key, valid, words, Empty.UNSET, Map.of());
    }

    private static Setting closed(String key, String valid) {
        return closed(key, valid, Map.of());
    }

    private static Setting closed(String key, String valid, Map<String, String> others) {
        return new Setting(key, valid, Words.NONE, Empty.REFUSED, others);
    }

    static Stream<Arguments> settingsAndControlCharacters() throws IOException {
        return settings().flatMap(setting -> Stream.of('\r', '\n', '\u0000', '\u0007', '\u0085')
                .map(c -> Arguments.of(setting, c)));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aValidValueDoesNotStopTheStart(Setting setting) {
        assertThat(said(setting, setting.valid())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void whiteSpaceAtBothEndsIsDropped(Setting setting) {
        for (String space : List.of(" ", "\t", "\r", "\n", " \r\n")) {
            String value = space + setting.valid() + space;

            assertThat(said(setting, value)).isEmpty();
            assertThat(builder(setting, value)
                            .build()
                            .getConfigValue(setting.key())
                            .getValue())
                    .isEqualTo(setting.valid());
        }
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("settingsAndControlCharacters")
    void aControlCharacterStopsTheStart(Setting setting, char control) {
        String value = setting.valid();

        assertRefused(setting, value.charAt(0) + String.valueOf(control) + value.substring(1));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void anEmptyValueIsUnsetOrStopsTheStart(Setting setting) {
        for (String blank : List.of("", " ", "\r\n")) {
            if (setting.empty() == Empty.UNSET) {
                assertThat(said(setting, blank)).isEmpty();
            } else {
                assertThat(assertRefused(setting, blank))
                        .isEqualTo(setting.key() + " is \"\"; leave it out for the default");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void anUnknownWordStopsTheStartWhereOnlySomeAreAllowed(Setting setting) {
        if (setting.words() == Words.ANY) {
            assertThat(said(setting, "perhaps")).isEmpty();
        } else {
            assertThat(assertRefused(setting, "perhaps")).startsWith(setting.key() + " is \"perhaps\"; ");
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aFarTooLongValueStopsTheStartAndIsCut(Setting setting) {
        assertRefused(setting, setting.valid() + setting.valid().substring(1, 2).repeat(100_000));
        assertRefused(setting, "x".repeat(100_000));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aPasswordInABadValueIsNotShown(Setting setting) {
        List<String> values = List.of(
                "redis://:" + SECRET + "@local host:6379",
                "http://u:" + SECRET + "@",
                "http://u:p@ss/" + SECRET + "?#1@localhost:99999999\u0000",
                "http://localhost:x/?auth_token=" + SECRET + "&a\u0000",
                "redis://:" + SECRET,
                "redis://:" + SECRET + "%zz@localhost",
                "u:" + SECRET + "@localhost:port\n1");

        values.forEach(value -> assertShowsNoSecret(setting, value));
        assertRefused(setting, values.get(2));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aTokenInTheWrongPlaceIsNotShown(Setting setting) {
        Map<String, String> withToken = new HashMap<>(setting.others());
        withToken.put("hipchat.token", SECRET);
        Setting misplaced = new Setting(setting.key(), setting.valid(), setting.words(), setting.empty(), withToken);

        assertShowsNoSecret(misplaced, "Bearer " + SECRET + "\u0000");
        // Cut in the middle of it.
        assertShowsNoSecret(misplaced, "x".repeat(245) + SECRET + "x".repeat(10_000));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void anExpressionWithoutItsSettingStopsTheStart(Setting setting) {
        assertThat(assertRefused(setting, "s3cr${no.such.setting}et"))
                .startsWith(setting.key() + " contains ${...}")
                .doesNotContain("s3cr");
    }

    @Test
    void everyDocumentedSettingIsInTheTable() throws IOException {
        List<String> documented = new ArrayList<>();
        for (String document : List.of("README.md", "src/docs/configuration.md")) {
            for (String line : Files.readAllLines(Path.of(document))) {
                if (!line.startsWith("| `hipchat.") && !line.startsWith("| `quarkus.")) {
                    continue;
                }
                Matcher names = Pattern.compile("`([^`]+)`").matcher(line.split("\\|", 3)[1]);
                while (names.find()) {
                    documented.add(
                            names.group(1).startsWith(".") ? sibling(documented, names.group(1)) : names.group(1));
                }
            }
        }

        assertThat(documented)
                .contains("hipchat.url", "hipchat.color.critical", "quarkus.redis.hosts")
                .doesNotHaveDuplicates();
        assertThat(settings().map(Setting::key)).containsAll(documented);
    }

    /** The table writes {@code hipchat.color.ok} and then {@code .info}. */
    private static String sibling(List<String> names, String end) {
        String last = names.get(names.size() - 1);
        return last.substring(0, last.lastIndexOf('.')) + end;
    }

    private static void assertShowsNoSecret(Setting setting, String value) {
        said(setting, value)
                .ifPresent(line -> assertThat(line).contains(setting.key()).doesNotContain("s3cr", "\n", "\r"));
    }

    private static String assertRefused(Setting setting, String value) {
        Optional<String> said = said(setting, value);

        assertThat(said).as("\"%.80s\"", value).isPresent();
        assertThat(said.get()).contains(setting.key()).doesNotContain("\n", "\r", "\u0000");
        assertThat(said.get().length()).isLessThan(LONGEST_LINE);
        return said.get();
    }

    /** Returns what the program, or its {@code check}, says at start; empty if it starts. */
    private static Optional<String> said(Setting setting, String value) {
        try {
            SmallRyeConfig all = builder(setting, value)
                    .withMapping(HipChatConfig.class)
                    .withMapping(mapping(setting.key()))
                    .withMappingIgnore("quarkus.**")
                    .build();
            return ConfigCheck.problem(all.getConfigMapping(HipChatConfig.class), all);
        } catch (RuntimeException failure) {
            return Optional.of(
                    StartFailure.of(failure, builder(setting, value).build()).getMessage());
        }
    }

    /** Returns what reads the setting; each mapping takes its time. */
    private static Class<?> mapping(String key) {
        return Map.<String, Class<?>>of(
                        "redis", RedisConfig.class,
                        "dynamodb", DynamoDbConfig.class,
                        "rest-client", RestClientsConfig.class,
                        "tls", TlsConfig.class)
                .getOrDefault(key.split("\\.", 3)[1], HipChatConfig.class);
    }

    private static SmallRyeConfigBuilder builder(Setting setting, String value) {
        Map<String, String> settings = new HashMap<>(setting.others());
        settings.put(setting.key(), value);
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredInterceptors()
                .addDiscoveredConverters()
                .withSources(new StoreTimeouts())
                .withSources(new PropertiesConfigSource(settings, "test", 300));
    }
}
