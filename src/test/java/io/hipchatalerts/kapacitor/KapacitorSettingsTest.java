package io.hipchatalerts.kapacitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.Address;
import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SysPropConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KapacitorSettingsTest {

    /** All sources that can name a room, strongest first, each with its ordinal. */
    private enum Place {
        SYSTEM_PROPERTY(400),
        ENVIRONMENT(300),
        DOT_ENV(295),
        KAPACITOR_ENVIRONMENT(KapacitorSettings.ENVIRONMENT_RANK),
        KAPACITOR_CONF(KapacitorSettings.FILE_RANK),
        CONFIG_FOLDER_OF_PROFILE(261),
        CONFIG_FOLDER(260),
        APPLICATION_PROPERTIES(250);

        private final int rank;

        Place(int rank) {
            this.rank = rank;
        }
    }

    @TempDir
    Path folder;

    static Stream<Arguments> neighbours() {
        return IntStream.range(1, Place.values().length)
                .mapToObj(i -> Arguments.of(Place.values()[i - 1], Place.values()[i]));
    }

    @ParameterizedTest(name = "{0} before {1}")
    @MethodSource("neighbours")
    void theStrongerOfTwoNeighboursWins(Place stronger, Place weaker) throws IOException {
        assertThat(roomWith(List.of(stronger, weaker))).isEqualTo(stronger.name());
        assertThat(roomWith(List.of(weaker))).isEqualTo(weaker.name());
    }

    @Test
    void aProfileOfApplicationPropertiesIsApplicationPropertiesToo() throws IOException {
        Path conf = Files.writeString(folder.resolve("kapacitor.conf"), "[hipchat]\nroom = \"conf\"");

        assertThat(new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .withProfile("dev")
                        .withSources(new PropertiesConfigSource(
                                Map.of("%dev.hipchat.room", "dev", "hipchat.kapacitor-conf", conf.toString()),
                                "application.properties",
                                250))
                        .withSources(new KapacitorSettings(Map.of()))
                        .build()
                        .getConfigValue("hipchat.room")
                        .getValue())
                .isEqualTo("conf");
    }

    @Test
    void fileAndEnvironmentCompleteEachOther() throws IOException {
        HipChatConfig config =
                configWith("""
                [hipchat]
                  enabled = true
                  url = "https://subdomain.hipchat.com/v2/room"
                  room = "ops"
                  token = "s3cret"
                  global = true
                """, Map.of("KAPACITOR_HIPCHAT_GLOBAL", "f", "KAPACITOR_HIPCHAT_STATE_CHANGES_ONLY", "T"));

        assertThat(config.enabled()).isTrue();
        assertThat(config.url()).map(Address::toString).contains("https://subdomain.hipchat.com/v2/room");
        assertThat(config.room()).contains("ops");
        assertThat(config.token()).contains(new Token("s3cret"));
        assertThat(config.global()).isFalse();
        assertThat(config.stateChangesOnly()).isTrue();
        assertThat(config.kapacitorConf()).contains(folder.resolve("kapacitor.conf"));
    }

    /** Cases 02 and 03 of the field: files with Windows' line ends. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", " \r\n", "\t"})
    void whiteSpaceAroundKapacitorsValuesIsDropped(String space) throws IOException {
        Path conf = Files.writeString(folder.resolve("kapacitor.conf"), "[hipchat]\ntoken = \"\"\" s3cret\n\"\"\"");

        HipChatConfig config = config(
                        Map.of(
                                "KAPACITOR_HIPCHAT_ENABLED", "true" + space,
                                "KAPACITOR_HIPCHAT_URL", "http://127.0.0.1:19090/v2/room" + space,
                                "KAPACITOR_HIPCHAT_ROOM", space + "alerts" + space),
                        Map.of("hipchat.kapacitor-conf", space + conf + space))
                .getConfigMapping(HipChatConfig.class);

        assertThat(config.enabled()).isTrue();
        assertThat(config.url()).map(Address::toString).contains("http://127.0.0.1:19090/v2/room");
        assertThat(config.room()).contains("alerts");
        assertThat(config.token()).contains(new Token("s3cret"));
    }

    @Test
    void blankIsUnsetLikeEmptyInKapacitorsEnvironment() throws IOException {
        HipChatConfig config = configWith(
                "[hipchat]\nroom = \"ops\"\nenabled = true",
                Map.of("KAPACITOR_HIPCHAT_ROOM", "\r", "KAPACITOR_HIPCHAT_ENABLED", " "));

        assertThat(config.room()).contains("ops");
        assertThat(config.enabled()).isTrue();
    }

    @Test
    void theNameOfAFileThatCannotExistStopsTheStart() {
        assertThatThrownBy(() -> config(Map.of(), Map.of("hipchat.kapacitor-conf", "a\u0000b")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("hipchat.kapacitor-conf is \"a\uFFFDb\"; allowed is the name of a file");
    }

    @Test
    void emptyTextInTheFileIsUnsetAsInKapacitor() throws IOException {
        HipChatConfig config = configWith(
                "[hipchat]\nurl = \"\"\nroom = \"\"\ntoken = \"\"\nenabled = false",
                Map.of(),
                "hipchat.url",
                "https://subdomain.hipchat.com/v2/room",
                "hipchat.room",
                "ops",
                "hipchat.token",
                "s3cret",
                "hipchat.enabled",
                "true");

        assertThat(config.url()).map(Address::toString).contains("https://subdomain.hipchat.com/v2/room");
        assertThat(config.room()).contains("ops");
        assertThat(config.token()).contains(new Token("s3cret"));
        assertThat(config.enabled()).isFalse();
    }

    @Test
    void anEmptyPathIsUnset() {
        assertThat(config(Map.of(), Map.of("hipchat.kapacitor-conf", ""))
                        .getConfigMapping(HipChatConfig.class)
                        .kapacitorConf())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"${hipchat.token}", "a$b", "a$$b", "$", "a\\b", "\\$", "a\\\\$$b", "${", "$}", "$$$", "x::y,z"})
    void textIsUsedUnchanged(String text) throws IOException {
        HipChatConfig config = configWith("[hipchat]\nroom = '" + text + "'", Map.of("KAPACITOR_HIPCHAT_TOKEN", text));

        assertThat(config.room()).contains(text);
        assertThat(config.token()).contains(new Token(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"subdomain.hipchat.com", "ftp://x/v2/room"})
    void aValueIsCheckedLikeAllOthers(String url) {
        assertThatThrownBy(() -> config(Map.of("KAPACITOR_HIPCHAT_URL", url), Map.of()))
                .message()
                .contains("hipchat.url", url, "https");
    }

    @Test
    void aBadBooleanStopsTheStartEvenIfAStrongerSettingHidesIt() {
        assertThatThrownBy(
                        () -> config(Map.of("KAPACITOR_HIPCHAT_ENABLED", "perhaps"), Map.of("hipchat.enabled", "true")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("KAPACITOR_HIPCHAT_ENABLED is \"perhaps\"");
    }

    @Test
    void aBuildReadsNoneOfItSoThatTheProgramContainsNoToken() {
        SmallRyeConfig config = config(
                Map.of("KAPACITOR_HIPCHAT_TOKEN", "s3cret", "KAPACITOR_HIPCHAT_GLOBAL", "perhaps"),
                List.of(
                        new PropertiesConfigSource(Map.of(), "Build system"),
                        new PropertiesConfigSource(
                                Map.of("hipchat.kapacitor-conf", "not/there/yet"), "application.properties", 250)));

        assertThat(config.getConfigValue("hipchat.token").getValue()).isNull();
    }

    private String roomWith(List<Place> places) throws IOException {
        Map<String, String> kapacitor = new HashMap<>();
        List<ConfigSource> sources = new ArrayList<>();
        for (Place place : places) {
            switch (place) {
                case KAPACITOR_ENVIRONMENT -> kapacitor.put("KAPACITOR_HIPCHAT_ROOM", place.name());
                case KAPACITOR_CONF -> {
                    Path conf = folder.resolve("kapacitor.conf");
                    Files.writeString(conf, "[hipchat]\nroom = \"" + place.name() + "\"");
                    sources.add(new PropertiesConfigSource(
                            Map.of("hipchat.kapacitor-conf", conf.toString()), "the path", 100));
                }
                case ENVIRONMENT, DOT_ENV ->
                    sources.add(new EnvConfigSource(Map.of("HIPCHAT_ROOM", place.name()), place.rank));
                default ->
                    sources.add(
                            new PropertiesConfigSource(Map.of("hipchat.room", place.name()), place.name(), place.rank));
            }
        }
        return config(kapacitor, sources)
                .getConfigMapping(HipChatConfig.class)
                .room()
                .orElseThrow();
    }

    /** Returns what the program reads with a kapacitor.conf, Kapacitor's environment, and properties of its own. */
    private HipChatConfig configWith(String conf, Map<String, String> environment, String... properties)
            throws IOException {
        Path file = Files.writeString(folder.resolve("kapacitor.conf"), conf);
        Map<String, String> all = new HashMap<>(Map.of("hipchat.kapacitor-conf", file.toString()));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        return config(environment, all).getConfigMapping(HipChatConfig.class);
    }

    private static SmallRyeConfig config(Map<String, String> environment, Map<String, String> applicationProperties) {
        return config(
                environment, List.of(new PropertiesConfigSource(applicationProperties, "application.properties", 250)));
    }

    private static SmallRyeConfig config(Map<String, String> environment, List<ConfigSource> others) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredInterceptors()
                // As in the program, which accepts no setting without a name.
                .withSources(new SysPropConfigSource())
                .withSources(others)
                .withSources(new KapacitorSettings(environment))
                .withMapping(HipChatConfig.class)
                .build();
    }
}
