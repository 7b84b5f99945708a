package io.hipchatalerts.kapacitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.alert.Token;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

        assertThat(HandlerFiles.read(folder)).containsExactly(handler("cpu", "hipchat-cpu-alert", "alerts"));
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

        assertThat(HandlerFiles.read(folder)).containsExactly(handler("cpu", "a", null));
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
            {topic: cpu, id: a, kind: hipchat, options: {room: a, Room: b}} | options has room twice, in different spellings
            {topic: cpu, id: a, kind: hipchat, options: {room: ..}}        | options.room is ".."; it cannot be the name or number of a HipChat room
            {topic: cpu, id: a, kind: hipchat, options: {token: 4711}}     | options.token must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, match: "level("}            | match "level(" is invalid:
            [cpu]                                                          | must contain a handler's topic, id, kind and options
            {topic: cpu, id: a, kind: hipchat, options: {room: yes}}       | options.room must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, options: {room: 0o17}}      | options.room must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, options: {token: y}}        | options.token must be text; put it in quotes
            {topic: cpu, id: a, kind: hipchat, options: {room: a, Room: }} | options has room twice, in different spellings
            {topic: cpu                                                    | not valid YAML; the error is at line
            """)
    void aFileThatKapacitorRefusesStopsTheStartWithTheCorrection(String file, String message) throws IOException {
        write("a.yaml", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(
                        "The handler file " + folder.resolve("a.yaml") + " in hipchat.handlers-dir: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing", "---", "---\n---\n{topic: cpu, id: a, kind: hipchat}"})
    void aFileWithoutAHandlerInItsFirstDocumentIsRefused(String file) throws IOException {
        write("a.yaml", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageEndingWith("must contain a handler's topic, id, kind and options");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `x-room: &ops 'Ops Alerts'\\ntopic: cpu\\nid: hip\\nkind: hipchat\\noptions:\\n  room: *ops` | Ops Alerts
            `x-topic: &t cpu\\ntopic: *t\\nid: hip\\nkind: hipchat\\noptions:\\n  room: R`               | R
            `d: &d\\n  room: anchored\\ntopic: cpu\\nid: hip\\nkind: hipchat\\noptions:\\n  <<: *d`       | anchored
            `topic: cpu\\nid: hip\\nkind: hipchat\\noptions: {room: one}\\n---\\n`                       | one
            `topic: cpu\\nid: hip\\nkind: hipchat\\noptions: {room: one, room: two}`                    | two
            `topic: disk\\nid: hip\\nkind: hipchat\\ntopic: cpu\\noptions: {room: one}`                  | one
            `topic:\\tcpu\\nid:\\thip\\t# tabs\\nkind:\\thipchat\\noptions: {room:\\tone}`                 | one
            """)
    void yamlMeansWhatItMeansToKapacitor(String file, String room) throws IOException {
        write("a.yaml", file.translateEscapes());

        assertThat(HandlerFiles.read(folder)).containsExactly(handler("cpu", "hip", room));
    }

    @Test
    void theLastOfEqualKeysCountsInJsonToo() throws IOException {
        write("a.json", """
                {"topic": "disk", "topic": "cpu", "id": "a", "kind": "hipchat", "options": {"room": "a", "room": "b"}}""");

        assertThat(HandlerFiles.read(folder)).containsExactly(handler("cpu", "a", "b"));
    }

    /** Kapacitor's reader stops after the first document. */
    @ParameterizedTest
    @ValueSource(strings = {"topic: disk\nid: b\nkind: hipchat", "just: [malformed", "*none"})
    void onlyTheFirstDocumentCountsAndAWarningSaysSo(String second) throws IOException {
        write("a.yaml", "topic: cpu\nid: a\nkind: hipchat\n---\n" + second);

        assertThat(linesWhenOnlyOneIsRead("a"))
                .singleElement(STRING)
                .contains("a.yaml contains more than one document");
    }

    @Test
    void anEmptyLastDocumentCausesNoWarning() throws IOException {
        write("a.yaml", "topic: cpu\nid: a\nkind: hipchat\n---\n# nothing\n---\n");

        assertThat(linesWhenOnlyOneIsRead("a")).isEmpty();
    }

    /** A token may begin with {@code *}: without quotes it is an alias, which must not be shown. */
    @Test
    void anAliasWithoutAnAnchorStopsTheStartAndIsNotShown() throws IOException {
        write("a.yaml", "topic: cpu\nid: hip\nkind: hipchat\noptions:\n  room: real\n  token: *s3cret\n");

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("The handler file " + folder.resolve("a.yaml") + " in hipchat.handlers-dir: an alias has no"
                        + " anchor (put text that begins with * in quotes); the error is at line 6, column 10");
    }

    /** Each text contains a line end, the name of the file too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "topic: \"s3\\ncret\"",
                "{topic: cpu, id: \"s3\\r\\ncret\"}",
                "{topic: cpu, id: a, kind: \"s3\\ncret\"}",
                "{topic: cpu, id: a, kind: hipchat, options: {room: \"s3\\ncret\"}}",
                "{topic: cpu, id: a, kind: hipchat, options: {token: \"s3\\ncret\"}}",
                "{topic: cpu, id: a, kind: hipchat, options: {\"s3\\ncret\": a}}",
                "{topic: cpu, id: a, kind: hipchat, options: {\"room\\n\": 7}}",
                "{topic: cpu, id: a, kind: hipchat, match: \"s3\\ncret\"}",
                "{topic: cpu, id: a, kind: hipchat, match: \"'s3\\ncret' =~ /(\\n/\"}",
                "topic: 's3\ncret\n",
                "topic: !!int s3\n\ncret"
            })
    void aRefusalIsOneLine(String file) throws IOException {
        write("a\nb.yaml", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .isInstanceOf(ConfigurationException.class)
                .extracting(Throwable::getMessage, STRING)
                .doesNotContain("\n", "\r");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"options\": {\"token\": \"s3cret\" \"s3cret\"}}", "{\"token\": s3cret}", "{} s3cret"})
    void aMalformedFileIsReportedWithItsPlaceAndWithoutItsContent(String file) throws IOException {
        write("a.json", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .hasMessageContaining("not one JSON document; the error is at line 1, column")
                .hasMessageNotContaining("s3cret");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"topic":"cpu","id":42,"kind":"hipchat"}                             | id must be text
            {"topic":"cpu","id":"a","kind":"hipchat","options":{"token":"s3\\n"}} | options.token (not shown) contains
            """)
    void jsonIsAsStrictAsKapacitorsAndATokenIsNotShown(String file, String message) throws IOException {
        write("a.json", file);

        assertThatThrownBy(() -> HandlerFiles.read(folder))
                .hasMessageContaining(message)
                .hasMessageNotContaining("s3");
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
        assertThat(linesWhenOnlyOneIsRead("b")).singleElement(STRING).contains("a.yaml", "slack");
    }

    @Test
    void aMissingFolderStopsTheStart() {
        Path missing = folder.resolve("missing");

        assertThatThrownBy(() -> HandlerFiles.read(missing))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("hipchat.handlers-dir is \"" + missing
                        + "\"; allowed is a readable directory with Kapacitor's topic handler files");
    }

    private List<String> linesWhenOnlyOneIsRead(String id) {
        try (CapturedLog log = new CapturedLog(HandlerFiles.class.getName(), "%s")) {
            assertThat(HandlerFiles.read(folder)).extracting(TopicHandler::id).containsExactly(id);
            return log.lines();
        }
    }

    private static TopicHandler handler(String topic, String id, String room) {
        return new TopicHandler(topic, id, Optional.ofNullable(room), Optional.empty(), Optional.empty());
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }
}
