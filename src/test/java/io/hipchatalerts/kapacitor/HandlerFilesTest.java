package io.hipchatalerts.kapacitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.hipchatalerts.alert.Token;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * K §3.1 and §3.3: the program accepts the files that Kapacitor accepts and refuses those that Kapacitor refuses, with
 * a message that names the correction.
 */
class HandlerFilesTest {

    @TempDir
    Path folder;

    @Test
    void theHandlerFileOfKapacitorsOwnPageIsReadUnchanged() throws IOException {
        write("hipchat_cpu_handler.yaml", """
                id: hipchat-cpu-alert
                topic: cpu
                kind: hipchat
                options:
                  room: 'alerts'
                """);

        assertThat(HandlerFiles.read(folder))
                .containsExactly(new TopicHandler(
                        "cpu", "hipchat-cpu-alert", Optional.of("alerts"), Optional.empty(), Optional.empty()));
    }

    @Test
    void jsonIsReadLikeYamlAndEachFileInTheOrderOfItsName() throws IOException {
        write("b.json", """
                {"topic": "cpu", "id": "b", "kind": "hipchat", "options": {"room": "ops", "token": "s3cret"}}""");
        write("a.yml", "{topic: cpu, id: a, kind: hipchat}");
        write("c.yaml", "topic: disk\nid: a\nkind: hipchat\nmatch: changed()");

        assertThat(HandlerFiles.read(folder))
                .extracting(
                        TopicHandler::topic,
                        TopicHandler::id,
                        TopicHandler::room,
                        TopicHandler::token,
                        handler -> handler.match().isPresent())
                .containsExactly(
                        tuple("cpu", "a", Optional.empty(), Optional.empty(), false),
                        tuple("cpu", "b", Optional.of("ops"), Optional.of(new Token("s3cret")), false),
                        tuple("disk", "a", Optional.empty(), Optional.empty(), true));
    }

    @Test
    void otherFilesAreIgnored() throws IOException {
        write("README.txt", "not: [a handler");
        write("cpu.yaml.bak", "not: [a handler");
        Files.createDirectories(folder.resolve("deeper"));
        write("deeper/cpu.yaml", "not: [a handler");

        assertThat(HandlerFiles.read(folder)).isEmpty();
    }

    /** Unusual files that Kapacitor accepts. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{topic: cpu, id: a, kind: hipchat}",
                "{topic: cpu, id: a, kind: hipchat, options: }",
                "{topic: cpu, id: a, kind: hipchat, options: {}}",
                "{topic: cpu, id: a, kind: hipchat, options: {room: '', token: ''}}",
                "{topic: cpu, id: a, kind: hipchat, options: {room: , token: null}}",
                "{topic: cpu, id: a, kind: hipchat, match: ''}",
                "{Topic: cpu, ID: a, kind: hipchat, Options: }",
                "{topic: cpu, id: a, kind: hipchat, comment: [not, ours]}",
                "# a comment\n---\ntopic: cpu\nid: a\nkind: hipchat\n"
            })
    void aHandlerWithoutOptionsTakesRoomAndTokenFromTheConfiguration(String file) throws IOException {
        write("a.yaml", file);

        assertThat(HandlerFiles.read(folder))
                .containsExactly(new TopicHandler("cpu", "a", Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "topic, main:cpu_alert:alert2",
        "topic, Größe-1.x_y",
        "topic, 42",
        "id, Größe-1.x_y",
        "id, 42",
        "id, true"
    })
    void namesMayContainLettersOfAllLanguagesDigitsDashesDotsAndUnderscores(String key, String name)
            throws IOException {
        write("a.yaml", key + ": " + name + (key.equals("id") ? "\ntopic: t" : "\nid: i") + "\nkind: hipchat");

        TopicHandler handler = HandlerFiles.read(folder).get(0);

        assertThat(key.equals("id") ? handler.id() : handler.topic()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Room", "ROOM", "rOOm"})
    void theCaseOfAnOptionsKeyDoesNotMatter(String key) throws IOException {
        write("a.yaml", "{topic: cpu, id: a, kind: hipchat, options: {" + key + ": ops}}");

        assertThat(HandlerFiles.read(folder).get(0).room()).contains("ops");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {id: a, kind: hipchat}                                         | topic must contain only letters, digits, '-', '.', '_' and ':'; it is missing
            {topic: a/b, id: a, kind: hipchat}                             | topic must contain only letters, digits, '-', '.', '_' and ':'; it is "a/b"
            {topic: "a\\n", id: a, kind: hipchat}                          | topic must contain only letters, digits, '-', '.', '_' and ':'; it is "a
            {topic: cpu, kind: hipchat}                                    | id must contain only letters, digits, '-', '.' and '_'; it is missing
            {topic: cpu, id: "a:b", kind: hipchat}                         | id must contain only letters, digits, '-', '.' and '_'; it is "a:b"
            {topic: cpu, id: a b, kind: hipchat}                           | id must contain only letters, digits, '-', '.' and '_'; it is "a b"
            {topic: cpu, id: [a], kind: hipchat}                           | id must be text
            {topic: cpu, id: a}                                            | kind must be one that Kapacitor knows, such as hipchat, in lower case; it is missing
            {topic: cpu, id: a, kind: HipChat}                             | kind must be one that Kapacitor knows, such as hipchat, in lower case; it is "HipChat"
            {topic: cpu, id: a, kind: stride}                              | kind must be one that Kapacitor knows, such as hipchat, in lower case; it is "stride"
            {topic: cpu, id: a, kind: hipchat, options: ops}               | options must be an object with room, token or nothing
            {topic: cpu, id: a, kind: hipchat, options: {channel: ops}}    | options has an unknown key "channel"; known are room and token
            {topic: cpu, id: a, kind: hipchat, options: {room: 1234567}}   | options.room must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, options: {room: true}}      | options.room must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, options: {Room: 1.5}}       | options.Room must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, options: {room: [ops]}}     | options.room must be text
            {topic: cpu, id: a, kind: hipchat, options: {room: a, Room: b}} | options has Room twice, in different spellings
            {topic: cpu, id: a, kind: hipchat, options: {room: ..}}        | options.room is ".."; it cannot be the name or number of a HipChat room
            {topic: cpu, id: a, kind: hipchat, options: {token: 4711}}     | options.token must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, match: "level("}            | match "level(" is invalid:
            [cpu]                                                          | must contain a handler's topic, id, kind and options
            {topic: cpu, topic: disk, id: a, kind: hipchat}                | not one YAML document; the error is at line 1, column
            {topic: cpu                                                    | not one YAML document; the error is at line
            """)
    void aFileThatKapacitorRefusesStopsTheStartWithTheCorrection(String file, String message) throws IOException {
        write("a.yaml", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(
                        "The handler file " + folder.resolve("a.yaml") + " in hipchat.handlers-dir: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "---\na: b\n---\nc: d"})
    void aFileContainsOneHandler(String file) throws IOException {
        write("a.yaml", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder)).isInstanceOf(ConfigurationException.class);
    }

    @Test
    void jsonIsAsStrictAsKapacitors() throws IOException {
        write("a.json", "{\"topic\": \"cpu\", \"id\": 42, \"kind\": \"hipchat\"}");

        assertThatThrownBy(() -> HandlerFiles.read(folder)).hasMessageEndingWith("id must be text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"options\": {\"token\": \"s3cret\" \"s3cret\"}}", "{\"token\": s3cret}", "{} s3cret"})
    void aMalformedFileIsReportedWithItsPlaceAndWithoutItsContent(String file) throws IOException {
        write("a.json", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .hasMessageContaining("not one JSON document; the error is at line 1, column")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void anInvalidTokenIsRefusedAndNotShown() throws IOException {
        write("a.json", """
                {"topic": "cpu", "id": "a", "kind": "hipchat", "options": {"token": "s3cret\\n"}}""");

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .hasMessageEndingWith("options.token (not shown) contains characters that no token has;"
                        + " allowed are printable ASCII characters")
                .hasMessageNotContaining("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hipchat", "slack"})
    void twoHandlersOfATopicWithOneIdStopTheStart(String kindOfTheOther) throws IOException {
        write("a.yaml", "{topic: cpu, id: x, kind: hipchat}");
        write("b.json", "{\"topic\": \"cpu\", \"id\": \"x\", \"kind\": \"" + kindOfTheOther + "\"}");

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageEndingWith("b.json in hipchat.handlers-dir: topic cpu already has a handler x, in a.yaml;"
                        + " give each handler of a topic its own id");
    }

    @Test
    void theSameIdInTwoTopicsIsAccepted() throws IOException {
        write("a.yaml", "{topic: cpu, id: x, kind: hipchat}");
        write("b.yaml", "{topic: disk, id: x, kind: hipchat}");

        assertThat(HandlerFiles.read(folder)).hasSize(2);
    }

    @Test
    void anotherKnownKindIsIgnoredWithOneLogLine() throws IOException {
        write("a.yaml", "{topic: cpu, id: a, kind: slack, options: {channel: 7, anything: [goes]}}");
        write("b.yaml", "{topic: cpu, id: b, kind: hipchat}");
        Lines lines = new Lines();
        Logger logger = Logger.getLogger(HandlerFiles.class.getName());
        logger.addHandler(lines);
        try {
            assertThat(HandlerFiles.read(folder)).extracting(TopicHandler::id).containsExactly("b");
        } finally {
            logger.removeHandler(lines);
        }
        assertThat(lines.count).isOne();
    }

    @Test
    void aMissingFolderStopsTheStart() {
        Path missing = folder.resolve("missing");

        assertThatThrownBy(() -> HandlerFiles.read(missing))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("hipchat.handlers-dir is \"" + missing
                        + "\"; allowed is a readable directory with Kapacitor's topic handler files");
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }

    private static final class Lines extends Handler {
        private int count;

        @Override
        public void publish(LogRecord line) {
            count++;
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
