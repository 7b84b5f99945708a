package io.hipchatalerts.deploy;

import static io.hipchatalerts.ProjectFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.ProjectFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of {@code deploy/container}. These tests read the files; {@code ImageTest} runs the images. */
class ContainerTest {

    private static final Path FOLDER = Path.of("deploy/container");
    private static final String README = text(FOLDER.resolve("README.md"));
    private static final String TRAIN = text(FOLDER.resolve("train"));
    private static final Map<String, String> JIB = ProjectFiles.properties(text(FOLDER.resolve("jib.properties")));

    /** An instruction of a Dockerfile, with its continued lines joined. */
    private record Instruction(String name, String arguments) {

        static Instruction of(String line) {
            int space = line.indexOf(' ');
            return new Instruction(
                    line.substring(0, space), line.substring(space).strip());
        }
    }

    record Dockerfile(Path path, List<Instruction> instructions) {

        static final Dockerfile NATIVE = of(FOLDER.resolve("Dockerfile.native"));
        static final Dockerfile JVM = of(FOLDER.resolve("Dockerfile.jvm"));

        static Dockerfile of(Path path) {
            String withoutComments = text(path)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .collect(Collectors.joining("\n"));
            return new Dockerfile(
                    path,
                    withoutComments
                            .replace("\\\n", " ")
                            .lines()
                            .map(Instruction::of)
                            .toList());
        }

        List<String> all(String name) {
            return instructions.stream()
                    .filter(instruction -> instruction.name().equals(name))
                    .map(Instruction::arguments)
                    .toList();
        }

        String only(String name) {
            assertThat(all(name)).as(name).hasSize(1);
            return all(name).get(0);
        }

        List<String> command(String name) {
            try {
                return List.of(new ObjectMapper().readValue(only(name), String[].class));
            } catch (IOException shellForm) {
                throw new AssertionError(name + " is not a list in quotes, which a shell would read: " + only(name));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void theProgramDoesNotRunAsRoot(Dockerfile file) {
        assertThat(file.only("USER")).matches("[1-9]\\d*");
        // No instruction below it, up to the entry point, changes a file.
        assertThat(file.instructions().stream()
                        .map(Instruction::name)
                        .dropWhile(name -> !name.equals("USER"))
                        .toList())
                .containsAnyOf("ENTRYPOINT")
                .isSubsetOf("USER", "EXPOSE", "ENTRYPOINT", "CMD");
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void theProgramStartsWithoutAShell(Dockerfile file) {
        assertThat(file.command("ENTRYPOINT")).isNotEmpty().allSatisfy(word -> assertThat(word)
                .doesNotContain("$", " "));
        assertThat(file.all("HEALTHCHECK")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void eachBaseImageHasAVersion(Dockerfile file) {
        assertThat(file.all("FROM"))
                .isNotEmpty()
                .allSatisfy(base -> assertThat(base).containsPattern("\\d").doesNotContain(":latest"));
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void theImageHasLabels(Dockerfile file) {
        assertThat(file.only("LABEL"))
                .contains("licenses=\"" + spdxIdInThePom() + '"', "version=\"$VERSION\"", "revision=\"$REVISION\"");
        assertThat(file.all("ARG")).contains("VERSION=unknown", "REVISION=unknown");
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void theImageContainsNoSettingAndNoSecret(Dockerfile file) {
        assertThat(file.all("ENV")).isEmpty();
        assertThat(file.all("ARG")).allMatch(argument -> argument.matches("(VERSION|REVISION|LIBRARIES)=.*"));
        assertThat(text(file.path())).doesNotContainIgnoringCase("HIPCHAT_", "token", "secret", "password");
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void theImageExposesTheProgramsPort(Dockerfile file) {
        assertThat(file.only("EXPOSE")).isEqualTo("8080");
    }

    @Test
    void theReadmeBuildsEachImage() {
        assertThat(README).contains("\nsrc/release --image ", "\ndocker build -f " + Dockerfile.JVM.path() + " ");
        assertThat(text(Path.of("src/release"))).contains(" build -f " + Dockerfile.NATIVE.path() + " ");
    }

    @Test
    void theJvmImageRunsAsItWasTrained() {
        assertThat(Dockerfile.JVM.command("ENTRYPOINT"))
                .containsExactly(
                        "java", "-XX:AOTCache=/app/app.aot", "-XX:+UseSerialGC", "-jar", "/app/quarkus-run.jar");
        assertThat(TRAIN)
                .contains("java\" -XX:AOTCacheOutput=\"$app/app.aot\" -XX:+UseSerialGC -jar \"$app/quarkus-run.jar\"");
    }

    @Test
    void noTrainingAlertCanReachARoom() {
        assertThat(TRAIN).contains("env -i PATH=\"$PATH\" \\\n", "HIPCHAT_URL=\"http://127.0.0.1:$port\"");
    }

    @Test
    void jibMakesTheSameImage() {
        assertThat(JIB.get("quarkus.jib.user")).isEqualTo(Dockerfile.NATIVE.only("USER"));
        assertThat(JIB.get("quarkus.jib.ports")).isEqualTo(Dockerfile.NATIVE.only("EXPOSE"));
        assertThat(JIB.get("quarkus.jib.native-arguments"))
                .isEqualTo(String.join(",", Dockerfile.NATIVE.command("CMD")));
        assertThat(JIB.get("quarkus.jib.base-native-image"))
                .startsWith("gcr.io/distroless/")
                .endsWith("-debian13:nonroot");
        assertThat(Stream.of("title", "description", "licenses")
                        .map(label -> "org.opencontainers.image." + label + "=\""
                                + JIB.get("quarkus.container-image.labels.\"org.opencontainers.image." + label + "\"")
                                + '"'))
                .allSatisfy(label -> assertThat(Dockerfile.NATIVE.only("LABEL")).contains(label));
        assertThat(README).contains("-Dsmallrye.config.locations=deploy/container/jib.properties");
    }

    static Stream<Dockerfile> dockerfiles() {
        return Stream.of(Dockerfile.NATIVE, Dockerfile.JVM);
    }

    private static String spdxIdInThePom() {
        Matcher license = Pattern.compile("<license>\\s*<name>(.*)</name>").matcher(text(Path.of("pom.xml")));
        assertThat(license.find()).isTrue();
        return license.group(1);
    }
}
