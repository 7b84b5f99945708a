package io.hipchatalerts.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code src/release} on a small project of its own, whose {@code mvnw} and container engine only leave the files of a
 * real build; and the CHANGELOG that it reads.
 */
class ReleaseTest {

    private static final String CHANGELOG = """
            # Changelog

            ## [Unreleased]

            ### Added
            - Not yet.

            ## [1.0.0] - 2026-11-26

            ### Added
            - Alerts are sent.

            ## [0.9.0] - 2026-10-01

            ### Added
            - Nothing much.
            """;

    private static final String MVNW = """
            #!/bin/sh
            echo "$@" >mvnw.log
            rm -rf target
            mkdir -p target/quarkus-app
            echo '{}' >target/bom.json
            echo program >target/quarkus-app/quarkus-run.jar
            case "$*" in *-Dnative*) echo executable >target/hipchat-alerts-1.0.0-runner ;; esac
            case "$*" in *-Plambda*) echo function >target/function.zip ;; esac
            """;

    private static final String ENGINE = """
            #!/bin/sh
            echo "$@" >>engine.log
            [ "$1" != save ] || echo image >"$3"
            """;

    @TempDir
    private Path project;

    private record Result(int exitCode, String output) {}

    @BeforeEach
    void aProject() throws Exception {
        Files.createDirectories(project.resolve("src"));
        Files.copy(Path.of("src/release"), project.resolve("src/release"));
        pom("1.0.0");
        Files.writeString(project.resolve("CHANGELOG.md"), CHANGELOG);
        Files.writeString(project.resolve("LICENSE"), "the licence");
        script("mvnw", MVNW);
        script("engine", ENGINE);
        Files.writeString(project.resolve(".gitignore"), "target\n*.log\n");
        git("init -q");
        git("add -A");
        commit();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                             | hipchat-alerts-1.0.0.tar.gz           | hipchat-alerts-1.0.0-bom.json
            -Dnative                       | hipchat-alerts-1.0.0-PLATFORM         | hipchat-alerts-1.0.0-PLATFORM-bom.json
            -Plambda                       | hipchat-alerts-1.0.0-lambda-jvm.zip   | hipchat-alerts-1.0.0-lambda-jvm-bom.json
            -Plambda -Dnative -DskipITs    | hipchat-alerts-1.0.0-lambda-PLATFORM.zip | hipchat-alerts-1.0.0-lambda-PLATFORM-bom.json
            """)
    void eachFormHasNamesOfItsOwnAndChecksums(String options, String artefact, String bom) throws Exception {
        // when
        Result result = release(options);

        // then
        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(Files.readString(project.resolve("mvnw.log")).strip())
                .isEqualTo(("-B -ntp clean verify " + options).strip());
        assertThat(files("target/release")).containsExactlyInAnyOrder(here(artefact), here(bom), "SHA256SUMS");
        assertThat(Files.readString(project.resolve("target/release/SHA256SUMS"))
                        .lines())
                .containsExactlyInAnyOrder(checksum(here(artefact)), checksum(here(bom)));
    }

    @Test
    void packingTheSameFilesGivesTheSameBytes() throws Exception {
        release("");
        String first = checksum("hipchat-alerts-1.0.0.tar.gz");

        release("");

        assertThat(checksum("hipchat-alerts-1.0.0.tar.gz")).isEqualTo(first);
    }

    @Test
    void theImageHasTheVersionAndTheCommit() throws Exception {
        Result result = release("--image");

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(files("target/release")).contains(here("hipchat-alerts-1.0.0-PLATFORM"));
        assertThat(project.resolve("target/release-image.tar")).hasContent("image");
        assertThat(Files.readString(project.resolve("engine.log")).lines().findFirst())
                .get()
                .asString()
                .contains("-f deploy/container/Dockerfile.native")
                .contains("-t hipchat-alerts:1.0.0 -t hipchat-alerts ")
                .contains("--build-arg VERSION=1.0.0 ")
                .contains("--build-arg REVISION=" + git("rev-parse HEAD").strip() + " ");
    }

    @Test
    void lambdaHasNoImage() throws Exception {
        assertRefused(release("--image -Plambda"), "Lambda runs no image");
    }

    @Test
    void aTaggedCommitLeavesItsSectionOfTheChangelogAsNotes() throws Exception {
        git("tag v1.0.0");

        assertThat(release("").exitCode()).isZero();

        assertThat(Files.readString(project.resolve("target/release-notes.md")).strip())
                .isEqualTo("### Added\n- Alerts are sent.");
    }

    @Test
    void aCommitWithoutATagNeedsNoSection() throws Exception {
        pom("1.1.0-SNAPSHOT");
        commit();

        assertThat(release("").exitCode()).isZero();

        assertThat(files("target")).doesNotContain("release-notes.md");
        assertThat(files("target/release")).contains("hipchat-alerts-1.1.0-SNAPSHOT.tar.gz");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1.0.0-SNAPSHOT | v1.0.0 | the tag is v1.0.0, so the version in pom.xml must be 1.0.0, not 1.0.0-SNAPSHOT
            1.0.0          | v1.0.1 | the tag is v1.0.1, so the version in pom.xml must be 1.0.1, not 1.0.0
            1.1.0          | v1.1.0 | CHANGELOG.md needs the section "## [1.1.0] - "
            """)
    void aTagThatDisagreesStopsTheReleaseBeforeTheBuild(String version, String tag, String message) throws Exception {
        pom(version);
        commit();
        git("tag " + tag);

        assertRefused(release(""), message);
    }

    /** The form of keepachangelog.com. */
    @Test
    void theChangelogHasTheUsualForm() throws Exception {
        assertThat(Files.readString(Path.of("CHANGELOG.md")).lines().filter(line -> line.matches("###? .*")))
                .startsWith("## [Unreleased]")
                .allMatch(heading -> heading.matches("## (\\[Unreleased]|\\[\\d+\\.\\d+\\.\\d+] - \\d{4}-\\d{2}-\\d{2})"
                        + "|### (Added|Changed|Deprecated|Removed|Fixed|Security)"));
    }

    @Test
    void theChangelogHasASectionOfThePomsVersionOnlyWhenThatIsReleased() throws Exception {
        Matcher version =
                Pattern.compile("(?m)^  <version>(.*)</version>$").matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        String next = version.group(1).replace("-SNAPSHOT", "");

        assertThat(Files.readString(Path.of("CHANGELOG.md")).contains("\n## [" + next + "] - "))
                .isEqualTo(next.equals(version.group(1)));
    }

    private void assertRefused(Result result, String message) {
        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains("No release: ").contains(message);
        assertThat(project.resolve("mvnw.log")).doesNotExist();
    }

    private Result release(String options) throws IOException, InterruptedException {
        return run("bash src/release " + options);
    }

    private void pom(String version) throws IOException {
        Files.writeString(project.resolve("pom.xml"), "<project>\n  <version>" + version + "</version>\n</project>\n");
    }

    private void script(String name, String text) throws IOException {
        Path file = project.resolve(name);
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private void commit() throws IOException, InterruptedException {
        git("-c user.name=t -c user.email=t@example.com commit -q -a --allow-empty -m Commit");
    }

    private String git(String arguments) throws IOException, InterruptedException {
        Result result = run("git " + arguments);
        assertThat(result.exitCode()).as(result.output()).isZero();
        return result.output();
    }

    private Result run(String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command.strip().split(" +", -1))
                .directory(project.toFile())
                .redirectErrorStream(true);
        builder.environment().put("CONTAINER_ENGINE", project.resolve("engine").toString());
        // Nobody's own settings of git, such as to sign each commit.
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        builder.environment().put("GIT_CONFIG_SYSTEM", "/dev/null");
        Process process = builder.redirectInput(new File("/dev/null")).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), output);
    }

    private Set<String> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(project.resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private String checksum(String file) throws IOException, NoSuchAlgorithmException {
        byte[] bytes = Files.readAllBytes(project.resolve("target/release").resolve(file));
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)) + "  " + file;
    }

    /** Returns the name with this machine's system and processor. */
    private static String here(String name) {
        String processor = System.getProperty("os.arch").replace("aarch64", "arm64");
        return name.replace("PLATFORM", "linux-" + processor);
    }
}
