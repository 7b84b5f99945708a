package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigCheckTest {

    private static final String URL = "https://subdomain.hipchat.com/v2/room";

    @Test
    void theDefaultsHaveNoProblem() {
        assertThat(ConfigCheck.problem(TestConfig.with())).isEmpty();
    }

    @Test
    void anEnabledProgramNeedsAnAddressAndNothingElse() {
        assertThat(ConfigCheck.problem(TestConfig.with("enabled", "true")))
                .contains("hipchat.url must be set when hipchat.enabled is true;"
                        + " allowed is an absolute http or https address such as " + URL);
        assertThat(ConfigCheck.problem(TestConfig.with("enabled", "true", "url", URL)))
                .isEmpty();
    }

    @Test
    void aLabelHasAtMost64Characters() {
        assertThat(ConfigCheck.problem(TestConfig.with("from", "🔥".repeat(64))))
                .isEmpty();
        assertThat(ConfigCheck.problem(TestConfig.with("from", "x".repeat(65))))
                .contains("hipchat.from is \"" + "x".repeat(65) + "\"; allowed are at most 64 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret\r\nX-Other: 1", "s3crét", "s3cret\u0000"})
    void aTokenThatNoHeaderCanCarryIsRefusedAndNotShown(String token) {
        assertThat(ConfigCheck.problem(TestConfig.with("token", token)))
                .contains("hipchat.token (not shown) contains characters that no token has;"
                        + " allowed are printable ASCII characters");
    }

    @Test
    void anInvalidRoomIsRefused() {
        assertThat(ConfigCheck.problem(TestConfig.with("room", "a\nb")))
                .contains("hipchat.room is \"a\uFFFDb\"; it cannot be the name or number of a HipChat room");
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
