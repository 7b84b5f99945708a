package io.hipchatalerts.state;

import static java.nio.charset.StandardCharsets.UTF_8;

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

/** The packaged program in a process of its own. */
final class Instance implements AutoCloseable {

    static final String ROOM = "alerts";

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

    /** Begins to start one that tells {@code hipChat} and keeps its state in {@code redis}; small and quick to start. */
    static Instance starting(String hipChat, String redis, Map<String, String> more) {
        ProcessBuilder builder = new ProcessBuilder(Program.command()).redirectErrorStream(true);
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
                        "HIPCHAT_STATE_STORE", "redis"));
        builder.environment().putAll(more);
        try {
            return new Instance(builder.start());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits until it listens. */
    Instance started() throws Exception {
        port.get(60, TimeUnit.SECONDS);
        return this;
    }

    /** All that it has written so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Ends it with SIGTERM; all that it has written then. */
    List<String> linesToItsEnd() throws Exception {
        terminated().get(60, TimeUnit.SECONDS);
        reader.join();
        return lines();
    }

    /** Delivers an event, state changes only; the message is {@code id index LEVEL}. */
    CompletableFuture<HttpResponse<String>> tell(String id, int index, Level level, Level previousLevel) {
        String event = """
                {"id": "%1$s", "message": "%1$s %2$d %3$s", "level": "%3$s", "previousLevel": "%4$s", "time": "%5$s"}
                """.formatted(id, index, level, previousLevel, time(index));
        return HTTP.sendAsync(
                HttpRequest.newBuilder(uri("/hipchat?stateChangesOnly=true"))
                        .timeout(Duration.ofSeconds(60))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(event))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Begins to get one of its own pages. */
    CompletableFuture<HttpResponse<String>> get(String path) {
        return HTTP.sendAsync(
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The value of a metric with all its labels, as it stands there. */
    double metric(String name) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(uri("/q/metrics")).build(), HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    /** Kills it with SIGKILL, and says how it ended. */
    int killed() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("it lives on");
        }
        return process.exitValue();
    }

    /** Sends SIGTERM; its exit code, once it has ended. */
    CompletableFuture<Integer> terminated() {
        process.destroy();
        return process.onExit().thenApply(Process::exitValue);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The time of the event with this number. */
    static Instant time(int index) {
        return FIRST_EVENT.plusSeconds(index);
    }

    /** What the store calls the alert. */
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
            // Nothing more to read.
        }
        port.completeExceptionally(new IllegalStateException("it did not start: " + lines));
    }
}
