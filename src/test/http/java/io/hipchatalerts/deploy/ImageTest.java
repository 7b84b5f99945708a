package io.hipchatalerts.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.fake.FakeHipChat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An image, run by {@code docker} with the restrictions of the README. {@code deploy/container/verify} builds the images
 * and runs these tests.
 */
@Tag("container")
@Timeout(300)
class ImageTest {

    private static final String IMAGE = System.getProperty("container.image");
    private static final String MEMORY = System.getProperty("container.memory");
    private static final int ALERTS = 10_000;
    private static final int CALLERS = 16;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path folder;

    private FakeHipChat hipChat;

    @BeforeEach
    void startHipChatAndWriteFiles() throws IOException {
        hipChat = FakeHipChat.start();
        // The container's user does not own them.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(Files.createDirectory(folder.resolve("handlers")).resolve("ops.yaml"), """
                topic: cpu
                id: ops
                kind: hipchat
                options:
                  room: room-of-the-handler
                """);
        Files.writeString(folder.resolve("token"), "token-of-the-file\n");
    }

    @AfterEach
    void stopHipChat() {
        hipChat.close();
    }

    @Test
    void alertsAreSentWithTheMountedHandlersAndTokenUntilSigterm() throws Exception {
        try (Container container = new Container().ready()) {
            // when
            HttpResponse<String> alert = container.post("/hipchat", "first");
            HttpResponse<String> ofTopic = container.post("/hipchat?topic=cpu", "second");

            // then
            assertThat(alert.body()).contains("\"status\":\"sent\"");
            assertThat(ofTopic.body()).contains("\"status\":\"sent\"");
            assertThat(hipChat.accepted())
                    .extracting(acceptance -> acceptance.request().room())
                    .containsExactly("alerts", "room-of-the-handler");
            assertThat(hipChat.accepted())
                    .allMatch(acceptance -> acceptance.request().token().equals("token-of-the-file"));
            assertThat(container.status("Uid")).isEqualTo(65532);
            container.endsOnSigterm();
        }
    }

    @Test
    void theMemoryLimitIsEnoughForManyAlerts() throws Exception {
        hipChat.countOnly();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (Container container = new Container().ready()) {
            // given
            long idle = container.status("VmRSS");
            List<Callable<Integer>> calls = IntStream.range(0, ALERTS)
                    .<Callable<Integer>>mapToObj(i -> () -> container
                            .post("/hipchat?stateChangesOnly=true", "alert-" + i)
                            .statusCode())
                    .toList();

            // when
            List<Future<Integer>> statuses = callers.invokeAll(calls);

            // then
            assertThat(statuses).allSatisfy(status -> assertThat(status.get()).isEqualTo(200));
            assertThat(hipChat.acceptedCount()).isEqualTo(ALERTS);
            // Where the kernel limits no memory, only this shows that the limit is enough.
            long peak = container.status("VmHWM");
            assertThat(peak).isLessThan(kib(MEMORY));
            container.endsOnSigterm();
            report("resident when ready", idle / 1024 + " MiB");
            report("peak of " + ALERTS + " alerts", peak / 1024 + " MiB");
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void theCheckNamesTheRoomsAndSendsNoMessage() throws Exception {
        try (Container container = new Container("check")) {
            assertThat(container.exitCode()).as(container.log()).isZero();
            assertThat(container.log())
                    .contains("alerts", "room-of-the-handler")
                    .doesNotContain("token-of-the-file");
            assertThat(hipChat.requests()).isNotEmpty().allMatch(request -> request.isAuthTest());
        }
    }

    @Test
    void theImageIsSmall() throws Exception {
        String bytes = output("docker", "image", "inspect", "--format", "{{.Size}}", IMAGE);

        report("image", Math.round(Long.parseLong(bytes) / 1e6) + " MB");
    }

    /** Writes a line that {@code deploy/container/verify} shows at its end. */
    private static void report(String what, String value) {
        System.out.printf("MEASURED %s: %s%n", what, value);
    }

    private static long kib(String mebibytes) {
        return Long.parseLong(mebibytes.replace("m", "")) * 1024;
    }

    private static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.onExit().join().exitValue()).as(output).isZero();
        return output;
    }

    /** A container of the image, on the network of this machine. */
    private final class Container implements AutoCloseable {

        private static final Pattern LISTENING = Pattern.compile("started in (\\S+s)\\. Listening on: (http://\\S+)");

        private final String name = "hipchat-alerts-" + UUID.randomUUID();
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();
        private final Process process;
        private final BufferedReader output;
        private final Instant begin = Instant.now();
        private String address;

        Container(String... arguments) throws IOException {
            Stream<String> options = Stream.of(
                    "--rm",
                    "--name=" + name,
                    "--network=host",
                    "--read-only",
                    "--cap-drop=ALL",
                    "--security-opt=no-new-privileges",
                    "--memory=" + MEMORY,
                    "--volume=" + folder.resolve("handlers") + ":/handlers:ro",
                    "--volume=" + folder.resolve("token") + ":/run/secrets/token:ro",
                    "--env=HIPCHAT_ENABLED=true",
                    "--env=HIPCHAT_URL=" + hipChat.url(),
                    "--env=HIPCHAT_ROOM=alerts",
                    "--env=HIPCHAT_TOKEN_FILE=/run/secrets/token",
                    "--env=HIPCHAT_HANDLERS_DIR=/handlers",
                    // A busy machine keeps it, so each message is sent once.
                    "--env=HIPCHAT_REQUEST_TIMEOUT=20s",
                    "--env=QUARKUS_HTTP_HOST=127.0.0.1",
                    "--env=QUARKUS_HTTP_PORT=0");
            process = new ProcessBuilder(
                            Stream.of(Stream.of("docker", "run"), options, Stream.of(IMAGE), Stream.of(arguments))
                                    .flatMap(words -> words)
                                    .toList())
                    .redirectErrorStream(true)
                    .start();
            output = process.inputReader(UTF_8);
        }

        Container ready() throws Exception {
            while (address == null) {
                String line = output.readLine();
                assertThat(line).as(log()).isNotNull();
                lines.add(line);
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    address = listening.group(2);
                    report("started in", listening.group(1));
                }
            }
            readOnInBackground();
            HttpRequest ready = HttpRequest.newBuilder(URI.create(address + "/q/health/ready"))
                    .build();
            assertThat(HTTP.send(ready, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            report(
                    "ready after docker run",
                    Duration.between(begin, Instant.now()).toMillis() + " ms");
            return this;
        }

        HttpResponse<String> post(String path, String id) throws IOException, InterruptedException {
            HttpRequest alert = HttpRequest.newBuilder(URI.create(address + path))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("""
                            {"id": "%1$s", "message": "%1$s is CRITICAL", "level": "CRITICAL", "previousLevel": "OK"}
                            """.formatted(id)))
                    .build();
            return HTTP.send(alert, HttpResponse.BodyHandlers.ofString());
        }

        /** Returns the first number of a line of the process' status in the kernel. */
        long status(String line) throws IOException {
            String pid = output("docker", "inspect", "--format", "{{.State.Pid}}", name);
            Matcher number = Pattern.compile("(?m)^" + line + ":\\s+(\\d+)")
                    .matcher(Files.readString(Path.of("/proc", pid, "status")));
            assertThat(number.find()).isTrue();
            return Long.parseLong(number.group(1));
        }

        /** The exit code of a container that ran out of memory is that of SIGKILL. */
        void endsOnSigterm() throws Exception {
            output("docker", "kill", "--signal=TERM", name);
            assertThat(process.waitFor()).as(log()).isEqualTo(128 + 15);
        }

        int exitCode() throws Exception {
            output.lines().forEach(lines::add);
            return process.waitFor();
        }

        String log() {
            return String.join("\n", lines);
        }

        private void readOnInBackground() {
            Thread reader = new Thread(() -> {
                try {
                    output.lines().forEach(lines::add);
                } catch (UncheckedIOException closed) {
                    // The container has ended.
                }
            });
            reader.setDaemon(true);
            reader.start();
        }

        @Override
        public void close() throws IOException {
            if (process.isAlive()) {
                output("docker", "rm", "--force", name);
            }
        }
    }
}
