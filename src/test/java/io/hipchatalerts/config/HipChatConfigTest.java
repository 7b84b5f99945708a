package io.hipchatalerts.config;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.util.Throwables.getStackTrace;

import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig.Auth;
import io.hipchatalerts.config.HipChatConfig.Color;
import io.hipchatalerts.config.HipChatConfig.Format;
import io.hipchatalerts.config.HipChatConfig.OnOutage;
import io.hipchatalerts.config.HipChatConfig.Store;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HipChatConfigTest {

    @Test
    void defaultsAreThoseOfTheContract() {
        HipChatConfig config = TestConfig.with();

        assertThat(config.enabled()).isFalse();
        assertThat(config.url()).isEmpty();
        assertThat(config.room()).isEmpty();
        assertThat(config.token()).isEmpty();
        assertThat(config.global()).isFalse();
        assertThat(config.stateChangesOnly()).isFalse();
        assertThat(config.stateChangesOnlyInterval()).isEmpty();
        assertThat(config.from()).isEqualTo("kapacitor");
        assertThat(config.notifies()).isTrue();
        assertThat(config.messageFormat()).isEqualTo(Format.AUTO);
        assertThat(config.color().ok()).isEqualTo(Color.GREEN);
        assertThat(config.color().info()).isEqualTo(Color.GREEN);
        assertThat(config.color().warning()).isEqualTo(Color.YELLOW);
        assertThat(config.color().critical()).isEqualTo(Color.RED);
        assertThat(config.auth()).isEqualTo(Auth.HEADER);
        assertThat(config.deadline()).isEqualTo(Duration.ofSeconds(25));
        assertThat(config.requestTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.kapacitorConf()).isEmpty();
        assertThat(config.inboundToken()).isEmpty();
        assertThat(config.state().store()).isEqualTo(Store.MEMORY);
        assertThat(config.state().ttl()).isEqualTo(Duration.ofDays(30));
        assertThat(config.state().keyPrefix()).isEqualTo("hipchat-alerts");
        assertThat(config.state().onOutage()).isEqualTo(OnOutage.PREVIOUS_LEVEL);
        assertThat(config.state().dynamodb().table()).isEqualTo("hipchat-alert-state");
        assertThat(config.pending().enabled()).isTrue();
        assertThat(config.pending().maxAge()).isEqualTo(Duration.ofDays(1));
        assertThat(config.pending().poll()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.digest().from()).isEqualTo(5);
    }

    private static final String EVERY_KEY = """
            enabled=true
            url=https://subdomain.hipchat.com/v2/room
            room=ops
            token=s3cret
            global=true
            state-changes-only=true
            state-changes-only-interval=10m
            from=k
            notify=false
            message-format=html
            color.ok=purple
            color.info=gray
            color.warning=random
            color.critical=yellow
            auth=query
            deadline=10s
            request-timeout=1500ms
            kapacitor-conf=/etc/kapacitor/kapacitor.conf
            inbound-token=knock
            state.store=redis
            state.ttl=2w
            state.key-prefix=p
            state.on-outage=fail
            state.dynamodb.table=t
            pending.enabled=false
            pending.max-age=2h
            pending.poll=5s
            digest.from=12
            """;

    @Test
    void everyKeyCanBeSet() {
        assertEverythingIsSet(TestConfig.with(
                EVERY_KEY.lines().flatMap(line -> Stream.of(line.split("="))).toArray(String[]::new)));
    }

    @Test
    void everyKeyHasItsEnvironmentName() {
        assertEverythingIsSet(fromEnvironment(EVERY_KEY
                .lines()
                .map(line -> line.split("="))
                .collect(toMap(
                        pair -> "HIPCHAT_" + pair[0].toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"),
                        pair -> pair[1]))));
    }

    private static void assertEverythingIsSet(HipChatConfig config) {
        assertThat(config.enabled()).isTrue();
        assertThat(config.url()).map(Address::toString).contains("https://subdomain.hipchat.com/v2/room");
        assertThat(config.room()).contains("ops");
        assertThat(config.token()).contains(new Token("s3cret"));
        assertThat(config.global()).isTrue();
        assertThat(config.stateChangesOnly()).isTrue();
        assertThat(config.stateChangesOnlyInterval()).contains(Duration.ofMinutes(10));
        assertThat(config.from()).isEqualTo("k");
        assertThat(config.notifies()).isFalse();
        assertThat(config.messageFormat()).isEqualTo(Format.HTML);
        assertThat(config.color().ok()).isEqualTo(Color.PURPLE);
        assertThat(config.color().info()).isEqualTo(Color.GRAY);
        assertThat(config.color().warning()).isEqualTo(Color.RANDOM);
        assertThat(config.color().critical()).isEqualTo(Color.YELLOW);
        assertThat(config.auth()).isEqualTo(Auth.QUERY);
        assertThat(config.deadline()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.requestTimeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(config.kapacitorConf()).contains(Path.of("/etc/kapacitor/kapacitor.conf"));
        assertThat(config.inboundToken()).contains(new Token("knock"));
        assertThat(config.state().store()).isEqualTo(Store.REDIS);
        assertThat(config.state().ttl()).isEqualTo(Duration.ofDays(14));
        assertThat(config.state().keyPrefix()).isEqualTo("p");
        assertThat(config.state().onOutage()).isEqualTo(OnOutage.FAIL);
        assertThat(config.state().dynamodb().table()).isEqualTo("t");
        assertThat(config.pending().enabled()).isFalse();
        assertThat(config.pending().maxAge()).isEqualTo(Duration.ofHours(2));
        assertThat(config.pending().poll()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.digest().from()).isEqualTo(12);
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
        HipChatConfig config = TestConfig.with(key, "");

        assertThat(config.url()).isEmpty();
        assertThat(config.room()).isEmpty();
        assertThat(config.token()).isEmpty();
        assertThat(config.stateChangesOnlyInterval()).isEmpty();
        assertThat(config.inboundToken()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            enabled                      | perhaps                     | true and false
            enabled                      | 1                           | true and false
            enabled                      | yes                         | true and false
            global                       | ture                        | true and false
            state-changes-only           | 10m                         | true and false
            notify                       | on                          | true and false
            state-changes-only-interval  | soon                        | a duration such as 10m or 1h30m (units ms s m h d w)
            state-changes-only-interval  | 0s                          | a duration such as 10m or 1h30m (units ms s m h d w)
            deadline                     | 25                          | a duration such as 10m or 1h30m (units ms s m h d w)
            deadline                     | PT25S                       | a duration such as 10m or 1h30m (units ms s m h d w)
            request-timeout              | -5s                         | a duration such as 10m or 1h30m (units ms s m h d w)
            state.ttl                    | forever                     | a duration such as 10m or 1h30m (units ms s m h d w)
            url                          | subdomain.hipchat.com       | an absolute http or https address such as https://subdomain.hipchat.com/v2/room
            url                          | /v2/room                    | an absolute http or https address such as https://subdomain.hipchat.com/v2/room
            url                          | ftp://example.com/v2/room   | an absolute http or https address such as https://subdomain.hipchat.com/v2/room
            url                          | https:///v2/room            | an absolute http or https address such as https://subdomain.hipchat.com/v2/room
            url                          | https://a b/                | an absolute http or https address such as https://subdomain.hipchat.com/v2/room
            url                          | https://a/v2/room?x=y       | an absolute http or https address such as https://subdomain.hipchat.com/v2/room
            url                          | https://a/v2/room#x         | an absolute http or https address such as https://subdomain.hipchat.com/v2/room
            message-format               | markdown                    | auto
            message-format               | markdown                    | html
            message-format               | markdown                    | text
            color.ok                     | orange                      | yellow
            color.info                   | grey                        | gray
            color.warning                | #ff0000                     | purple
            color.critical               | RED GREEN                   | random
            auth                         | bearer                      | header
            auth                         | bearer                      | query
            state.store                  | file                        | dynamodb
            state.store                  | file                        | memory
            state.store                  | file                        | redis
            state.on-outage              | ignore                      | previous-level
            state.on-outage              | ignore                      | send
            state.on-outage              | ignore                      | fail
            pending.enabled              | yes                         | true and false
            pending.max-age              | 0s                          | a duration such as 10m or 1h30m (units ms s m h d w)
            pending.max-age              | never                       | a duration such as 10m or 1h30m (units ms s m h d w)
            pending.poll                 | -1s                         | a duration such as 10m or 1h30m (units ms s m h d w)
            pending.poll                 | 30                          | a duration such as 10m or 1h30m (units ms s m h d w)
            digest.from                  | 1                           | 0 (never) and whole numbers from 2 on
            digest.from                  | -1                          | 0 (never) and whole numbers from 2 on
            digest.from                  | x                           | 0 (never) and whole numbers from 2 on
            digest.from                  | 2.5                         | 0 (never) and whole numbers from 2 on
            digest.from                  | 99999999999                 | 0 (never) and whole numbers from 2 on
            """)
    void aBadValueStopsTheStartAndNamesKeyValueAndAllowedValues(String key, String value, String allowed) {
        assertThatThrownBy(() -> TestConfig.with(key, value))
                .message()
                .contains("hipchat." + key)
                .contains(value)
                .contains(allowed);
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
