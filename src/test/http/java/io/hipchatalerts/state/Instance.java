package io.hipchatalerts.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.Program;
import io.hipchatalerts.alert.Level;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The packaged program in a process of its own. */
final class Instance implements AutoCloseable {

    static final String ROOM = "alerts";

    /** No right program is as slow, not even on a busy machine. */
    static final int LONGEST_CALL_SECONDS = 120;

    private static final Instant FIRST_EVENT = Instant.parse("2026-05-02T09:15:30Z");
    private static final Pattern LISTENING = Pattern.compile("Listening on: http://[^:]+:(\\d+)");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> port = new CompletableFuture<>();

    private final Thread reader = new Thread(this::read);

    private Instance(Process process) {
        this.process = process;
        reader.setDaemon(true);
        reader.start();
    }

    /** Begins to start an instance that sends to {@code hipChat} and keeps its state in {@code redis}. */
    static Instance starting(String hipChat, String redis, Map<String, String> more, String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(Program.command(arguments)).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "QUARKUS_HTTP_HOST", "127.0.0.1",
                        "QUARKUS_HTTP_PORT", "0",
                        "QUARKUS_REDIS_HOSTS", redis,
                        "HIPCHAT_ENABLED", "true",
                        "HIPCHAT_URL", hipChat,
                        "HIPCHAT_ROOM", ROOM,
                        "HIPCHAT_TOKEN", "token",
                        "HIPCHAT_GLOBAL", "true",
                        "HIPCHAT_PENDING_ENABLED", "false",
                        "HIPCHAT_STATE_STORE", "redis"));
        // A busy machine keeps these limits, and a tenth of the deadline for a call to the store. A test of a limit
        // sets
        // its own.
        builder.environment()
                .putAll(Map.of(
                        "HIPCHAT_DEADLINE", "100s",
                        "HIPCHAT_REQUEST_TIMEOUT", "90s",
                        "QUARKUS_SHUTDOWN_TIMEOUT", "110s"));
        builder.environment().putAll(more);
        try {
            return new Instance(builder.start());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits until the instance listens. */
    Instance started() throws Exception {
        port.get(LONGEST_CALL_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    /** Returns all lines that the instance has written so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Waits for a line that contains {@code text}, and returns all lines before it and this one. */
    List<String> linesTo(String text) {
        await().atMost(Duration.ofSeconds(60)).until(() -> lines.stream().anyMatch(line -> line.contains(text)));
        List<String> read = lines();
        int last = IntStream.range(0, read.size())
                .filter(i -> read.get(i).contains(text))
                .findFirst()
                .orElseThrow();
        return read.subList(0, last + 1);
    }

    /** Ends the instance with SIGTERM, and returns all lines that it has written. */
    List<String> linesToItsEnd() throws Exception {
        terminated().get(LONGEST_CALL_SECONDS, TimeUnit.SECONDS);
        reader.join();
        return lines();
    }

    /** Sends an event with state changes only; its message is {@code id index LEVEL}. */
    CompletableFuture<HttpResponse<String>> send(String id, int index, Level level, Level previousLevel) {
        String event = """
                {"id": "%1$s", "message": "%1$s %2$d %3$s", "level": "%3$s", "previousLevel": "%4$s", "time": "%5$s"}
                """.formatted(id, index, level, previousLevel, time(index));
        return HTTP.sendAsync(
                HttpRequest.newBuilder(uri("/hipchat?stateChangesOnly=true"))
                        .timeout(Duration.ofSeconds(LONGEST_CALL_SECONDS))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(event))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Begins to get {@code path} from the instance. */
    CompletableFuture<HttpResponse<String>> get(String path) {
        return HTTP.sendAsync(
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(LONGEST_CALL_SECONDS))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Returns the value of a metric; {@code name} includes all its labels. */
    double metric(String name) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(uri("/q/metrics")).build(), HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    /** Kills the instance with SIGKILL, and returns its exit code. */
    int killed() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process did not end");
        }
        return process.exitValue();
    }

    /** Sends SIGTERM. The future completes with the exit code when the instance has ended. */
    CompletableFuture<Integer> terminated() {
        // Process.destroy closes the streams, and the last lines of the log are lost.
        process.toHandle().destroy();
        return ended();
    }

    /** Completes with the exit code when the instance has ended by itself. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenApply(Process::exitValue);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Returns the event time of the event with this number. */
    static Instant time(int index) {
        return FIRST_EVENT.plusSeconds(index);
    }

    /** Returns the alert's key in the store. */
    static String key(String id) {
        return new AlertKey("", "", id, ROOM).under("hipchat-alerts");
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port.join() + path);
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            String line;
            while ((line = output.readLine()) != null) {
                lines.add(line);
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    port.complete(Integer.parseInt(listening.group(1)));
                }
            }
        } catch (IOException killed) {
            // There is nothing more to read.
        }
        port.completeExceptionally(new IllegalStateException("it did not start: " + lines));
    }
}
