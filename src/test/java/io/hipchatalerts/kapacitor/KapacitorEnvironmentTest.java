package io.hipchatalerts.kapacitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kapacitor's environment variables (K §4.2). */
class KapacitorEnvironmentTest {

    static Stream<HipChatKey> booleans() {
        return Stream.of(HipChatKey.ENABLED, HipChatKey.GLOBAL, HipChatKey.STATE_CHANGES_ONLY);
    }

    @Test
    void everyKeyIsRead() {
        assertThat(KapacitorEnvironment.read(Map.of(
                        "KAPACITOR_HIPCHAT_ENABLED", "1",
                        "KAPACITOR_HIPCHAT_URL", "https://subdomain.hipchat.com/v2/room",
                        "KAPACITOR_HIPCHAT_ROOM", "ops",
                        "KAPACITOR_HIPCHAT_TOKEN", "s3cret",
                        "KAPACITOR_HIPCHAT_GLOBAL", "t",
                        "KAPACITOR_HIPCHAT_STATE_CHANGES_ONLY", "F")))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        HipChatKey.ENABLED, "true",
                        HipChatKey.URL, "https://subdomain.hipchat.com/v2/room",
                        HipChatKey.ROOM, "ops",
                        HipChatKey.TOKEN, "s3cret",
                        HipChatKey.GLOBAL, "true",
                        HipChatKey.STATE_CHANGES_ONLY, "false"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "t", "T", "TRUE", "true", "True", " true\r"})
    void sixSpellingsAreTrueAndWhiteSpaceAroundThemIsDropped(String text) {
        assertThat(booleans().map(key -> read(key, text))).containsOnly("true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "f", "F", "FALSE", "false", "False"})
    void sixSpellingsAreFalse(String text) {
        assertThat(booleans().map(key -> read(key, text))).containsOnly("false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tRUE", "yes", "on", "2", "01", "perhaps"})
    void anyOtherTextStopsTheStartAndNamesKeyValueAndAllowedValues(String text) {
        assertThat(booleans()).allSatisfy(key -> assertThatThrownBy(() -> read(key, text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(key.inEnvironment() + " is \"" + text
                        + "\"; allowed are 1 t T TRUE true True and 0 f F FALSE false False"));
    }

    @ParameterizedTest
    @MethodSource("io.hipchatalerts.kapacitor.HipChatKey#values")
    void emptyIsUnset(HipChatKey key) {
        assertThat(KapacitorEnvironment.read(Map.of(key.inEnvironment(), ""))).isEmpty();
        assertThat(KapacitorEnvironment.read(Map.of(key.inEnvironment(), "\r\n")))
                .isEmpty();
    }

    @Test
    void otherNamesAreIgnored() {
        assertThat(KapacitorEnvironment.read(Map.of(
                        "KAPACITOR_HIPCHAT", "x", "KAPACITOR_SLACK_0_ENABLED", "x", "KAPACITOR_HIPCHAT_COLOR", "x")))
                .isEmpty();
    }

    private static String read(HipChatKey key, String text) {
        return KapacitorEnvironment.read(Map.of(key.inEnvironment(), text)).get(key);
    }
}
