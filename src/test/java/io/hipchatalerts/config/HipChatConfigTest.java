package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.util.Throwables.getStackTrace;

import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.WithName;
import io.smallrye.config.common.utils.StringUtil;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.commons.support.ReflectionSupport;

class HipChatConfigTest {

    /** Each key, a text for it, the value of that text, and the default value. */
    private static final String KEYS = """
            enabled                     | true             | true                       | false
            url                         | http://a/v2/room | Optional[http://a/v2/room] | Optional.empty
            room                        | ops              | Optional[ops]              | Optional.empty
            token                       | s3cret           | Optional[***]              | Optional.empty
            global                      | true             | true                       | false
            state-changes-only          | true             | true                       | false
            state-changes-only-interval | 10m              | Optional[PT10M]            | Optional.empty
            from                        | k                | k                          | kapacitor
            notify                      | false            | false                      | true
            message-format              | html             | HTML                       | AUTO
            color.ok                    | purple           | PURPLE                     | GREEN
            color.info                  | gray             | GRAY                       | GREEN
            color.warning               | random           | RANDOM                     | YELLOW
            color.critical              | yellow           | YELLOW                     | RED
            auth                        | query            | QUERY                      | HEADER
            deadline                    | 10s              | PT10S                      | PT25S
            request-timeout             | 1500ms           | PT1.5S                     | PT5S
            kapacitor-conf              | /k.conf          | Optional[/k.conf]          | Optional.empty
            handlers-dir                | /handlers        | Optional[/handlers]        | Optional.empty
            inbound-token               | knock            | Optional[***]              | Optional.empty
            log-format                  | json             | JSON                       | TEXT
            state.store                 | redis            | REDIS                      | MEMORY
            state.ttl                   | 2w               | PT336H                     | PT720H
            state.key-prefix            | p                | p                          | hipchat-alerts
            state.on-outage             | fail             | FAIL                       | PREVIOUS_LEVEL
            state.dynamodb.table        | t                | t                          | hipchat-alert-state
            pending.enabled             | false            | false                      | true
            pending.max-age             | 2h               | PT2H                       | PT24H
            pending.poll                | 5s               | PT5S                       | PT30S
            digest.from                 | 12               | 12                         | 5
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = KEYS)
    void aKeyHasADefaultAndIsSetByItsNameOrItsEnvironmentName(String key, String text, String value, String byDefault) {
        String inEnvironment = "HIPCHAT_" + key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");

        assertThat(values(TestConfig.with())).containsEntry(key, byDefault);
        assertThat(values(TestConfig.with(key, text))).containsEntry(key, value);
        assertThat(values(fromEnvironment(Map.of(inEnvironment, text)))).containsEntry(key, value);
    }

    /** {@code SecretFileTest} is about the keys of files. */
    @Test
    void everyKeyIsInTheTable() {
        assertThat(KEYS.lines().map(row -> row.replaceFirst(" .*", "")))
                .containsExactlyInAnyOrderElementsOf(values(TestConfig.with()).keySet().stream()
                        .filter(key -> !key.endsWith("-file"))
                        .toList());
    }

    /** Returns the value of each key, as text. */
    private static Map<String, String> values(HipChatConfig config) {
        Map<String, String> values = new TreeMap<>();
        addValues("", config, HipChatConfig.class, values);
        return values;
    }

    private static void addValues(String prefix, Object group, Class<?> type, Map<String, String> values) {
        for (Method method : type.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers())) {
                WithName name = method.getAnnotation(WithName.class);
                String key = prefix + (name == null ? StringUtil.skewer(method.getName()) : name.value());
                Object value = ReflectionSupport.invokeMethod(method, group);
                if (method.getReturnType().isInterface()) {
                    addValues(key + ".", value, method.getReturnType(), values);
                } else {
                    values.put(key, value.toString());
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true", "TRUE, true", "True, true", "false, false", "FALSE, false", "fAlse, false"})
    void booleansAreReadInAnyCase(String text, boolean value) {
        HipChatConfig config =
                TestConfig.with("enabled", text, "global", text, "state-changes-only", text, "notify", text);

        assertThat(config.enabled()).isEqualTo(value);
        assertThat(config.global()).isEqualTo(value);
        assertThat(config.stateChangesOnly()).isEqualTo(value);
        assertThat(config.notifies()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "room", "token", "state-changes-only-interval", "inbound-token"})
    void anEmptyValueIsUnset(String key) {
        assertThat(values(TestConfig.with(key, ""))).containsEntry(key, "Optional.empty");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            enabled, pending.enabled    | perhaps, 1, yes             | true and false
            global, state-changes-only  | ture, 10m, yes              | true and false
            notify                      | on                          | true and false
            deadline, request-timeout   | 25, PT25S, -5s              | a duration such as 10m or 1h30m
            state-changes-only-interval | soon, 0s                    | a duration such as 10m or 1h30m
            state.ttl, pending.max-age  | forever, 0s                 | a duration such as 10m or 1h30m
            pending.poll                | -1s, 30                     | a duration such as 10m or 1h30m
            url                         | a.example.com, /v2/room     | absolute http or https address such as http
            url                         | ftp://a/v2/room, http://a b | absolute http or https address such as http
            url                         | https:///v2, http://a?x=y   | absolute http or https address such as http
            url                         | https://a/v2/room#x         | absolute http or https address such as http
            message-format              | markdown                    | auto, html, text
            log-format                  | xml                         | text, json
            color.ok, color.info        | orange, grey                | yellow, gray
            color.warning               | #ff0000                     | purple
            color.critical              | RED GREEN                   | random
            auth                        | bearer, cookie              | header, query
            state.store                 | file, etcd                  | dynamodb, memory, redis
            state.on-outage             | ignore                      | previous-level, send, fail
            digest.from                 | 1, -1, x, 2.5, 99999999999  | 0 (never) and whole numbers from 2 on
            """)
    void aBadValueStopsTheStartAndNamesKeyValueAndAllowedValues(String keys, String values, String allowed) {
        for (String key : keys.split(", ", -1)) {
            assertThat(values.split(", ", -1)).allSatisfy(value -> assertThatThrownBy(() -> TestConfig.with(key, value))
                    .message()
                    .contains("hipchat." + key, value)
                    .contains(allowed.split(", ", -1)));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "2, 2", "' 7 ', 7", "2147483647, 2147483647"})
    void aDigestHasAtLeastTwoAlertsOrThereIsNone(String text, int value) {
        assertThat(TestConfig.with("digest.from", text).digest().from()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:8080/v2/room",
                "https://subdomain.hipchat.com/v2/room",
                "http://[::1]/v2/room",
                "http://my_chat:8080/v2/room",
                "https://my_chat.example_com"
            })
    void anAddressMayBeAnyAbsoluteOne(String address) {
        assertThat(TestConfig.with("url", address).url()).map(Address::toString).contains(address);
    }

    @Test
    void theUserAndPasswordOfAnAddressAreInNoTextOfTheSettings() {
        assertThat(TestConfig.with("url", "http://gate:s3cret@localhost/v2/room")
                        .url())
                .hasToString("Optional[http://***@localhost/v2/room]");
    }

    @Test
    void aTokenIsInNoTextOfTheSettings() {
        HipChatConfig config = TestConfig.with("token", "s3cret", "inbound-token", "s3cret");

        assertThat(config.token()).contains(new Token("s3cret"));
        assertThat(config.toString()).doesNotContain("s3cret");
        assertThat(config.token().toString()).doesNotContain("s3cret");
        assertThat(config.inboundToken().toString()).doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret", " s3cret ", "s3cret\n", "s3crét", "s3cret\u0000"})
    void aTokenIsInNoExceptionWhenOtherValuesAreBad(String token) {
        Throwable failure = catchThrowable(() ->
                TestConfig.with("token", token, "inbound-token", token, "enabled", "perhaps", "deadline", "soon"));

        assertThat(getStackTrace(failure)).contains("hipchat.enabled").doesNotContain("s3cr");
    }

    @Test
    void optionsWithoutAnIntervalGetTheConfiguredOne() {
        HipChatConfig config = TestConfig.with("state-changes-only-interval", "10m");
        StateChangesOnly hourly = StateChangesOnly.every(Duration.ofHours(1));

        assertThat(config.withInterval(StateChangesOnly.ON))
                .isEqualTo(new StateChangesOnly(true, Optional.of(Duration.ofMinutes(10))));
        assertThat(config.withInterval(hourly)).isEqualTo(hourly);
        assertThat(config.withInterval(StateChangesOnly.OFF)).isEqualTo(StateChangesOnly.OFF);
        assertThat(TestConfig.with().withInterval(StateChangesOnly.ON)).isEqualTo(StateChangesOnly.ON);
    }

    private static HipChatConfig fromEnvironment(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new EnvConfigSource(environment, 300))
                .withMapping(HipChatConfig.class)
                .build()
                .getConfigMapping(HipChatConfig.class);
    }
}
