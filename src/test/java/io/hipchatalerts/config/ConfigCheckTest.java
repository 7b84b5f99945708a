package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.ProjectFiles;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigCheckTest {

    private static final String URL = "https://subdomain.hipchat.com/v2/room";

    @Test
    void theDefaultsHaveNoProblem() {
        assertThat(TestConfig.problem()).isEmpty();
    }

    @Test
    void anEnabledProgramNeedsAnAddressAndNothingElse() {
        assertThat(TestConfig.problem("enabled", "true"))
                .contains("hipchat.url must be set when hipchat.enabled is true;"
                        + " allowed is an absolute http or https address such as " + URL);
        assertThat(TestConfig.problem("enabled", "true", "url", URL)).isEmpty();
    }

    @Test
    void aLabelHasAtMost64Characters() {
        assertThat(TestConfig.problem("from", "🔥".repeat(64))).isEmpty();
        assertThat(TestConfig.problem("from", "x".repeat(65)))
                .contains("hipchat.from is \"" + "x".repeat(65) + "\"; allowed are at most 64 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret\r\nX-Other: 1", "s3crét", "s3cret\u0000"})
    void aTokenThatNoHeaderCanCarryIsRefusedAndNotShown(String token) {
        assertThat(TestConfig.problem("token", token))
                .get()
                .asString()
                .startsWith("hipchat.token (not shown)")
                .contains("allowed")
                .doesNotContain("s3cr");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ".."})
    void aRoomThatWouldChangeThePathIsRefused(String room) {
        assertThat(TestConfig.problem("room", room))
                .contains("hipchat.room is \"" + room + "\"; it cannot be the name or number of a HipChat room");
    }

    @Test
    void theUserAndPasswordOfAnAddressNeedAFreeHeader() {
        String url = "https://gate:s3cretpw@chat.example.com/v2/room";

        assertThat(TestConfig.problem("url", url, "auth", "query")).isEmpty();
        assertThat(TestConfig.problem("url", url))
                .contains(
                        "hipchat.url is \"https://***@chat.example.com/v2/room\"; with hipchat.auth=header, the header"
                                + " has no place for its user and password. Remove them, or set hipchat.auth to query");
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "inbound-token"})
    void aTokenIsSetOnce(String key, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "s3cret");

        assertThat(TestConfig.problem(key + "-file", file.toString())).isEmpty();
        assertThat(TestConfig.problem(key, "s3cret", key + "-file", file.toString()))
                .contains("hipchat." + key + " and hipchat." + key + "-file are both set; set one of them");
    }

    @ParameterizedTest
    @CsvSource({
        "quarkus.tls.trust-all, true",
        "quarkus.tls.hipchat.trust-all, true",
        "quarkus.tls.redis.trust-all, true",
        "quarkus.rest-client.verify-host, false",
        "quarkus.rest-client.hipchat.verify-host, false",
        "quarkus.tls.hipchat.hostname-verification-algorithm, none",
        "quarkus.tls.other.trust-all, yes",
        "quarkus.tls.\"my.hipchat\".trust-all, true",
        "quarkus.tls.\"my.hipchat\".hostname-verification-algorithm, NONE",
        "quarkus.redis.tls.trust-all, true",
        "quarkus.redis.other.tls.trust-all, true",
        "quarkus.rest-client.\"io.hipchatalerts.hipchat.HipChatApi\".verify-host, false"
    })
    void anUnsafeTlsSettingIsFound(String key, String value) {
        assertThat(ConfigCheck.unsafe(settings(key, value))).containsExactly(key);
    }

    @ParameterizedTest
    @CsvSource({
        "quarkus.tls.hipchat.trust-all, false",
        "quarkus.rest-client.hipchat.verify-host, true",
        "quarkus.tls.redis.hostname-verification-algorithm, HTTPS",
        "quarkus.redis.tls.hostname-verification-algorithm, NONE",
        "quarkus.tls.hipchat.trust-store.pem.certs, ca.pem"
    })
    void aSafeTlsSettingIsNotFound(String key, String value) {
        assertThat(ConfigCheck.unsafe(settings(key, value))).isEmpty();
    }

    /** Quarkus reads each of these words as one that switches the check of a certificate on or off. */
    @ParameterizedTest
    @CsvSource({
        "quarkus.tls.trust-all, perhaps",
        "quarkus.tls.hipchat.trust-all, 1",
        "quarkus.rest-client.hipchat.verify-host, ture",
        "quarkus.rest-client.verify-host, on"
    })
    void aTlsSwitchIsTrueOrFalse(String key, String value) {
        assertThat(TextRules.problem(settings(key, value)))
                .contains(key + " is \"" + value + "\"; allowed are true and false");
        assertThat(TextRules.problem(settings(key, "True"))).isEmpty();
        assertThat(TextRules.problem(settings(key, "false"))).isEmpty();
    }

    @Test
    void anExpressionWithoutItsSettingIsRefused() {
        assertThat(TestConfig.problem("token", "s3cr${nosuch}et"))
                .contains("hipchat.token contains ${...}, which stands for the setting of that name, and there is none;"
                        + " write $${...} for the characters themselves");
        assertThat(TestConfig.problem("token", "s3cr$${nosuch}et")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "hipchat.state.store=redis, false",
        "hipchat.state.store=redis;quarkus.redis.hosts=redis://localhost:6379, true",
        "hipchat.state.store=redis;quarkus.redis.hosts-provider-name=ours, true",
        "hipchat.state.store=dynamodb, true"
    })
    void redisNeedsHosts(String settings, boolean accepted) {
        SmallRyeConfig all = TestConfig.of(ProjectFiles.properties(settings.replace(';', '\n')));

        assertThat(ConfigCheck.problem(all.getConfigMapping(HipChatConfig.class), all))
                .isEqualTo(
                        accepted
                                ? Optional.empty()
                                : Optional.of("quarkus.redis.hosts must be set when hipchat.state.store is redis;"
                                        + " allowed are addresses such as redis://localhost:6379"));
    }

    private static Config settings(String key, String value) {
        return new SmallRyeConfigBuilder().withDefaultValue(key, value).build();
    }

    @Test
    void aProblemStopsTheStartInOneLine() {
        ConfigCheck check = new ConfigCheck();

        assertThatThrownBy(() -> check.atStart(new StartupEvent(), TestConfig.with("enabled", "true")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("hipchat.url must be set")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aCompleteConfigurationDoesNotStopTheStart() {
        ConfigCheck check = new ConfigCheck();

        assertThatCode(() -> check.atStart(
                        new StartupEvent(),
                        TestConfig.with("enabled", "true", "url", URL, "global", "true", "state-changes-only", "true")))
                .doesNotThrowAnyException();
    }
}
