package io.hipchatalerts.kapacitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.util.Throwables.getStackTrace;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** K §1.1, §4.1. */
class KapacitorConfTest {

    @TempDir
    Path folder;

    @Test
    void theSectionIsReadAndAllOthersAreIgnored() throws IOException {
        assertThat(read("""
                hostname = "localhost"
                data_dir.of.any.kind = 1979-05-27T07:32:00Z

                [http]
                  bind-address = ":9092"
                  room = 1234567

                [[influxdb]]
                  urls = ["http://localhost:8086", 8086, { room = 1 }]
                  startup-timeout = "5m"
                  [influxdb.subscriptions]
                    "my db" = ['default', "a.b"]

                [[influxdb]]
                  [influxdb.excluded-subscriptions]

                [hipchat]
                  # What an operator wrote.
                  enabled = true
                  url = "https://subdomain.hipchat.com/v2/room"
                  room = 'malerts'
                  token = "9hiWoDOZ9IbmHsOTeST123ABciWTIqXQVFDo63h9"
                  global = false
                  state-changes-only = true

                [[slack]]
                  text = ""\"
                [hipchat]
                  room = "not this one"
                ""\"
                """))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        HipChatKey.ENABLED, "true",
                        HipChatKey.URL, "https://subdomain.hipchat.com/v2/room",
                        HipChatKey.ROOM, "malerts",
                        HipChatKey.TOKEN, "9hiWoDOZ9IbmHsOTeST123ABciWTIqXQVFDo63h9",
                        HipChatKey.GLOBAL, "false",
                        HipChatKey.STATE_CHANGES_ONLY, "true"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing", "[slack]\n  room = 3", "[hipchat]", "[hipchat.room-of-its-own]"})
    void withoutTheSectionOrItsKeysNothingIsSet(String text) throws IOException {
        assertThat(read(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hipchat = { room = \"ops\" }",
                "hipchat.room = \"ops\"",
                "[ \"hipchat\" ]\r\n'room' = \"\"\"\\\n   ops\"\"\"\r\n",
                "\uFEFF[hipchat]\nroom = \"ops\"",
                "[hipchat]\nroom = \"\\u006fps\""
            })
    void everyTomlSpellingOfTheSectionIsRead(String text) throws IOException {
        assertThat(read(text)).isEqualTo(Map.of(HipChatKey.ROOM, "ops"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            notify = 3             | a key that Kapacitor does not know
            room-name = 1          | another
            "room.name" = 1        | a dot in a name
            rooms = [1, 2]         | a list
            card = { room = 1 }    | a table
            """)
    void anUnknownKeyIsIgnored(String line, String what) throws IOException {
        assertThat(read("[hipchat]\n" + line + "\nroom = \"ops\"")).as(what).isEqualTo(Map.of(HipChatKey.ROOM, "ops"));
    }

    @Test
    void aNameInOtherCaseIsFoundAsKapacitorFindsItButTheUsualOneComesFirst() throws IOException {
        assertThat(read("[HipChat]\nRoom = \"ops\"\nSTATE-changes-Only = true"))
                .isEqualTo(Map.of(HipChatKey.ROOM, "ops", HipChatKey.STATE_CHANGES_ONLY, "true"));
        assertThat(read("[hipchat]\nROOM = \"a\"\nroom = \"ops\"\nRoom = \"b\"\n[HIPCHAT]\nroom = \"c\""))
                .isEqualTo(Map.of(HipChatKey.ROOM, "ops"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            room = 1234567              | room in [hipchat] is 1234567; allowed is text in quotes: room = "1234567"
            Room = 1234567              | Room in [hipchat] is 1234567; allowed is text in quotes: Room = "1234567"
            room = 1.5                  | room in [hipchat] is 1.5; allowed is text in quotes: room = "..."
            room = true                 | room in [hipchat] is true; allowed is text in quotes: room = "..."
            room = 1979-05-27           | room in [hipchat] is 1979-05-27; allowed is text in quotes: room = "..."
            room = ["a", "b"]           | room in [hipchat] is a list; allowed is text in quotes: room = "..."
            room.name = "a"             | room in [hipchat] is a table; allowed is text in quotes: room = "..."
            url = { host = "a" }        | url in [hipchat] is a table; allowed is text in quotes: url = "..."
            token = 53637265            | token in [hipchat] is not text (not shown); allowed is text in quotes: token = "..."
            token = 5363.7265           | token in [hipchat] is not text (not shown); allowed is text in quotes: token = "..."
            token = ["53637265"]        | token in [hipchat] is a list; allowed is text in quotes: token = "..."
            enabled = "true"            | enabled in [hipchat] is "true"; allowed are true and false, without quotes
            enabled = ""                | enabled in [hipchat] is ""; allowed are true and false, without quotes
            global = 1                  | global in [hipchat] is 1; allowed are true and false, without quotes
            state-changes-only = "1\\nm" | state-changes-only in [hipchat] is "1\\nm"; allowed are true and false, without quotes
            """)
    void aWrongTypeStopsTheStartAndNamesFileLineKeyAndAllowedType(String line, String message) throws IOException {
        assertRefused(file("[http]\n  port = \"any\"\n[hipchat]\n  # here\n  " + line + "\n"), "line 5: " + message);
        assertThat(message).doesNotContain("\n", "5363");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[[hipchat]]\nroom = \"ops\"", "hipchat = 3", "[[HipChat]]\n[[HipChat]]"})
    void aSectionOfAnotherTypeStopsTheStart(String text) throws IOException {
        assertRefused(file(text), "line 1: hipchat is not a section; allowed is one [hipchat]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [hipchat]\\n  token = "s3cret                     | 2 | 18
            [hipchat]\\n  token = s3cret                      | 2 | 11
            [hipchat]\\n  token = "s3cret\\u0000"              | 2 | 18
            [hipchat]\\n  token = "s3\\qcret"                  | 2 | 14
            [hipchat]\\n  token "s3cret"                      | 2 |  9
            [hipchat]\\n  token = "s3cret" "s3cret"           | 2 | 20
            [hipchat]\\n  s3cret = "a"\\n  s3cret = "b"        | 3 |  3
            [hipchat\\n  token = "s3cret"                     | 1 |  9
            [hipchat]\\n[slack]\\n[hipchat]\\n  s3 = 3         | 3 |  1
            [slack]\\n  t = 2020-13-45\\n[hipchat]\\n t = "s3   | 4 |  9
            [slack]\\n  t = '''s3\\n[hipchat]\\n               | 2 |  7
            [slack]\\n  t = [ "s3",\\n[hipchat]\\n             | 2 |  1
            """)
    void badTomlInTheSectionStopsTheStartAndShowsThePlaceButNotTheText(String text, int line, int column)
            throws IOException {
        Path file = file(text.replace("\\n", "\n").replace("\\u0000", "\0") + "\n");

        Throwable failure = assertRefused(file, "line " + line + ", column " + column + ": not valid TOML");

        assertThat(getStackTrace(failure)).doesNotContain("s3");
    }

    @Test
    void aFileThatCannotBeReadStopsTheStart() throws IOException {
        // A circular link, because root may read every file.
        Path circle = Files.createSymbolicLink(folder.resolve("circle.conf"), folder.resolve("circle.conf"));

        assertRefused(folder.resolve("missing.conf"), "there is no such file");
        assertRefused(folder, "it is a directory, not a file");
        assertRefused(circle, "the file is not readable for the user that runs this program");
    }

    /** Each of these is wrong in some version of TOML, or looks like the section and is not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[smtp]\n  port = 025",
                "[[httppost]]\n  endpoint = \"e\"\n  headers = { Authorization = \"x\", }",
                "[[httppost]]\n  headers = {\n    Authorization = \"x\",\n  }",
                "[smtp]\n  port = 025\n  name = \"a\\qb\"\n  name = unquoted",
                "# a form feed \f, an escape \u001B and a NUL \0\n[slack] # it's \"one\" more [",
                "[smtp]\n[smtp]\n  a = 1\n  a = 2",
                "[smtp]\n  a = 'it\n  b = \"x\n  c = it's",
                "[smtp\n  a = 1",
                "[smtp]\n  a = [ 1, # ] [hipchat]\n[ 2 ],\n]",
                "[smtp]\n  a = '''\n[hipchat]\n  room = 3\n'''",
                "[smtp]\n  a = \"\"\"\\\"\"\"\\\n[hipchat]\n  room = 3\n\"\"\"\"",
                "[smtp]\n  hipchat = 3\n  hipchat.room = 3\n[smtp.hipchat]\n  room = 3\n[hipchats]\n  room = 3"
            })
    void theRestOfTheFileDoesNotHaveToBeUnderstood(String others) throws IOException {
        assertThat(read("a = 1\n" + others + "\n[hipchat]\n  room = \"conf-room\" # it's\n" + others))
                .isEqualTo(Map.of(HipChatKey.ROOM, "conf-room"));
    }

    @Test
    void bytesThatAreNotUtf8DoNotMatterInCommentsAndOtherSections() throws IOException {
        Path file = Files.writeString(
                folder.resolve("kapacitor.conf"),
                "# Küche\n[slack]\nchannel = \"Küche\"\n[hipchat] # Küche\n# Küche\nroom = \"ops\" # Küche",
                StandardCharsets.ISO_8859_1);

        assertThat(KapacitorConf.read(file)).isEqualTo(Map.of(HipChatKey.ROOM, "ops"));
    }

    @Test
    void theSectionsTextIsUtf8() throws IOException {
        assertThat(read("# Küche\n[hipchat]\nroom = \"Küche\"")).isEqualTo(Map.of(HipChatKey.ROOM, "Küche"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ISO-8859-1", "UTF-16", "UTF-16LE"})
    void aSectionInAnotherEncodingStopsTheStart(String encoding) throws IOException {
        Path file = folder.resolve("kapacitor.conf");
        Files.writeString(file, "[hipchat]\nroom = \"Küche\"", Charset.forName(encoding));

        assertRefused(file, "the file is not UTF-8 text");
    }

    private static Throwable assertRefused(Path file, String reason) {
        Throwable failure = catchThrowable(() -> KapacitorConf.read(file));

        assertThat(failure)
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("hipchat.kapacitor-conf is \"" + file + "\": " + reason);
        return failure;
    }

    private Map<HipChatKey, String> read(String text) throws IOException {
        return KapacitorConf.read(file(text));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("kapacitor.conf"), text);
    }
}
