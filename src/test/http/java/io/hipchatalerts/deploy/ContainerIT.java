package io.hipchatalerts.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipchatalerts.fake.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program's behaviour that the container images need, tested without a container. */
class ContainerIT {

    private static final String HOME = System.getProperty("java.home");
    private static final String JAVA = Path.of(HOME, "bin", "java").toString();
    private static final String APP = "target/quarkus-app";
    private static final Path CACHE = Path.of(APP, "app.aot");

    /** The output of {@code check} if the program has started and nothing is configured. */
    private static final String STARTED = "WRONG  hipchat.enabled is false: nothing is sent";

    @Test
    void theProgramRunsOnAReadOnlyFileSystem() throws Exception {
        Ended program = run(Map.of(), JAVA, "-Djava.io.tmpdir=/dev/null", "-jar", APP + "/quarkus-run.jar", "check");

        assertThat(program.lines()).contains(STARTED);
    }

    @Test
    void theProgramStartsFromTheTrainedCache() throws Exception {
        assumeTrue(Runtime.version().feature() >= 25, "an AOT cache takes a JDK from 25 on");
        try {
            Ended training = train(APP);

            assertThat(training.lines()).isEmpty();
            assertThat(training.exitCode()).isZero();
            assertThat(run(
                                    Map.of(),
                                    JAVA,
                                    "-XX:AOTMode=on",
                                    "-XX:AOTCache=" + CACHE,
                                    "-XX:+UseSerialGC",
                                    "-jar",
                                    APP + "/quarkus-run.jar",
                                    "check")
                            .lines())
                    .contains(STARTED);
        } finally {
            Files.deleteIfExists(CACHE);
        }
    }

    @Test
    void trainingSaysWhyThereIsNoCache(@TempDir Path empty) throws Exception {
        Ended training = train(empty.toString());

        assertThat(training.exitCode()).isEqualTo(1);
        assertThat(training.lines()).last().isEqualTo("No AOT cache: the program did not start");
        assertThat(empty).isEmptyDirectory();
    }

    private static Ended train(String folder) throws Exception {
        return run(
                Map.of("JAVA_HOME", HOME, "TRAINING_PORT", String.valueOf(FreePort.any())),
                "deploy/container/train",
                folder);
    }

    private record Ended(int exitCode, List<String> lines) {}

    private static Ended run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), output.lines().toList());
        } finally {
            process.destroyForcibly();
        }
    }
}
