package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hipchatalerts.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The production build contains nothing of dev mode: no class, no page, no setting, no mention. */
class DevFreeIT {

    private static final Path APP = Path.of("target/quarkus-app");

    @Test
    void noEntryAndNoByteOfTheApplicationsJarsMentionsTheStandIn() throws IOException {
        assumeThat(Program.isNative())
                .as("the executable is what is shipped then")
                .isFalse();
        Map<String, String> entries = applicationEntries();

        assertThat(entries.keySet())
                .contains("io/hipchatalerts/AlertPipeline.class")
                .noneMatch(name -> name.contains("/dev/") || name.startsWith("dev/") || name.contains("-dev."));
        entries.forEach((name, content) -> {
            if (!name.startsWith("META-INF/maven/")) {
                assertThat(content).as(name).doesNotContain("io/hipchatalerts/http/dev", "/dev/hipchat", "/dev/room");
            }
        });
    }

    @Test
    void noByteOfTheExecutableMentionsTheStandIn() throws IOException {
        assumeThat(Program.isNative()).as("no executable was built").isTrue();
        String executable = new String(Files.readAllBytes(Program.file()), ISO_8859_1);

        assertThat(Stream.of("io.hipchatalerts.AlertPipeline", "/q/health").allMatch(executable::contains))
                .as("what is there is found")
                .isTrue();
        assertThat(Stream.of("io.hipchatalerts.http.dev.", "io/hipchatalerts/http/dev", "/dev/hipchat", "/dev/room")
                        .filter(executable::contains))
                .isEmpty();
    }

    /** Returns all entries of the jars with the program's own code; libraries do not count. */
    private static Map<String, String> applicationEntries() throws IOException {
        Map<String, String> entries = new TreeMap<>();
        for (Path folder : List.of(APP.resolve("app"), APP.resolve("quarkus"))) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path jar :
                        files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    addEntriesOf(jar, entries);
                }
            }
        }
        return entries;
    }

    private static void addEntriesOf(Path jar, Map<String, String> entries) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                try (InputStream content = zip.getInputStream(entry)) {
                    entries.put(entry.getName(), new String(content.readAllBytes(), ISO_8859_1));
                }
            }
        }
    }
}
