package io.hipchatalerts.http;

import static io.hipchatalerts.http.Stopped.refusal;
import static io.hipchatalerts.http.Stopped.start;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bad file stops the start of the real program in one line that names it. */
class StartFilesIT {

    @Test
    void aLineEndInAnyFilesNameLeavesOneLine() throws Exception {
        for (String variable : List.of(
                "HIPCHAT_KAPACITOR_CONF",
                "HIPCHAT_HANDLERS_DIR",
                "HIPCHAT_TOKEN_FILE",
                "QUARKUS_TLS_REDIS_TRUST_STORE_PEM_CERTS")) {
            assertThat(start(Map.of(variable, "a\nb")).lines()).as(variable).hasSize(1);
        }
    }

    @Test
    void aFileWithoutATokenStopsTheStart(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("token");

        assertThat(refusal(Map.of("HIPCHAT_TOKEN_FILE", file.toString())))
                .isEqualTo("hipchat.token-file is \"" + file + "\"; allowed is a readable file of at most 8192"
                        + " bytes that contains the token; there is none of this name");
    }

    @Test
    void aWrongTypeInKapacitorConfStopsTheStart(@TempDir Path folder) throws Exception {
        assertThat(refusalOfKapacitorConf(folder, "room = 1234567"))
                .isEqualTo("hipchat.kapacitor-conf is \"" + folder.resolve("kapacitor.conf")
                        + "\": line 3: room in [hipchat] is 1234567; allowed is text in quotes: room = \"1234567\"");
    }

    @Test
    void aValueInKapacitorConfThatIsNotAllowedStopsTheStart(@TempDir Path folder) throws Exception {
        assertThat(refusalOfKapacitorConf(folder, "url = \"bad-s3cret\""))
                .startsWith("hipchat.url is \"bad-***\"; allowed is an absolute http or https address");
    }

    @Test
    void anAliasWithoutAnAnchorInAHandlerFileStopsTheStart(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("cpu.yaml"), "topic: cpu\nid: hip\nkind: hipchat\noptions:\n  token: *s3cret\n");

        assertThat(refusal(Map.of("HIPCHAT_HANDLERS_DIR", folder.toString())))
                .isEqualTo("The handler file " + file + " in hipchat.handlers-dir: an alias has no anchor"
                        + " (put text that begins with * in quotes); the error is at line 5, column 10");
    }

    @Test
    void aMissingKapacitorConfStopsTheStart(@TempDir Path folder) throws Exception {
        Path conf = folder.resolve("kapacitor.conf");

        assertThat(refusal(Map.of("HIPCHAT_KAPACITOR_CONF", conf.toString())))
                .isEqualTo("hipchat.kapacitor-conf is \"" + conf + "\": there is no such file");
    }

    @Test
    void anInvalidHandlerFileStopsTheStart(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("cpu.yaml"), "topic: cpu\nid: a\nkind: hipchat\noptions:\n  room: 1234567\n");

        assertThat(refusal(Map.of("HIPCHAT_HANDLERS_DIR", folder.toString())))
                .contains("cpu.yaml", "hipchat.handlers-dir", "options.room must be text; put it in quotes");
    }

    @Test
    void aLineEndInAHandlerFileOrInItsNameLeavesOneLine(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("cpu\n.yaml"), "topic: cpu\nid: a\nkind: hipchat\noptions:\n  room: \"ops\\r\\n\"\n");

        assertThat(refusal(Map.of("HIPCHAT_HANDLERS_DIR", folder.toString())))
                .endsWith("options.room is \"ops\uFFFD\uFFFD\"; it cannot be the name or number of a HipChat room");
    }

    @Test
    void aMissingFolderStopsTheStart() throws Exception {
        assertThat(refusal(Map.of("HIPCHAT_HANDLERS_DIR", "/no/such/folder")))
                .contains("hipchat.handlers-dir", "/no/such/folder");
    }

    private static String refusalOfKapacitorConf(Path folder, String setting) throws Exception {
        Path conf = Files.writeString(
                folder.resolve("kapacitor.conf"), "[hipchat]\n  token = \"s3cret\"\n  " + setting + "\n");
        return refusal(Map.of("HIPCHAT_KAPACITOR_CONF", conf.toString()));
    }
}
