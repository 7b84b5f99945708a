package io.hipchatalerts.bench.process;

import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Another process. It ends with this one.
 *
 * @param process the process
 * @param log the file with its output
 * @param atExit ends it with this process
 */
public record Child(Process process, Path log, Thread atExit) implements AutoCloseable {

    static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

    /** The folder for logs and tables. */
    static final Path RESULTS = Path.of("target", "bench");

    private static final int LONGEST_OUTPUT = 10_000;

    /** Starts the program or a bare function with settings on top of those that all have. */
    static Child start(Variant variant, FakeHipChat hipChat, Path folder, Map<String, String> settings)
            throws IOException {
        List<String> command = new ArrayList<>(variant.command());
        if (command.get(0).equals("java")) {
            command.set(0, JDK.resolve("java").toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        Map<String, String> environment = builder.environment();
        // Settings around the benchmark must not change the program that it measures.
        environment
                .keySet()
                .removeIf(key ->
                        key.matches("(HIPCHAT|KAPACITOR|QUARKUS|AWS|LAMBDA)_.*|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS"));
        environment.putAll(Map.of(
                "HIPCHAT_ENABLED", "true",
                "HIPCHAT_URL", hipChat.url(),
                "HIPCHAT_ROOM", "alerts",
                "HIPCHAT_TOKEN", "bench-token"));
        environment.putAll(settings);
        environment.putAll(variant.env());
        return start(builder, log(variant));
    }

    static Child start(ProcessBuilder builder, Path log) throws IOException {
        Files.createDirectories(log.getParent());
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        Thread atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
        return new Child(process, log, atExit);
    }

    static Path log(Variant variant) {
        return RESULTS.resolve(variant.name() + ".log");
    }

    /** Returns the processor time so far in nanoseconds, user and system. */
    public long cpuNanos() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    /** Returns the resident memory; -1 where the system does not say. */
    public long residentBytes() throws IOException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        if (!Files.exists(status)) {
            return -1;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(-1);
        }
    }

    /** Asks it to end with SIGTERM; returns whether it did in time. */
    public boolean ends(Duration limit) throws InterruptedException {
        process.destroy();
        return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends it with SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Returns the exception for a process that does not do what it should, with the end of its output. */
    IllegalStateException trouble(String what) {
        try {
            String output = Files.readString(log);
            String end = output.substring(Math.max(0, output.length() - LONGEST_OUTPUT));
            return new IllegalStateException(log.getFileName() + ": it " + what + ". Its output ends with:\n" + end);
        } catch (IOException unreadable) {
            return new IllegalStateException(log.getFileName() + ": it " + what, unreadable);
        }
    }

    @Override
    public void close() {
        try {
            if (!ends(Duration.ofSeconds(10))) {
                kill();
            }
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // The hook is running already, and finds nothing left to end.
        }
    }
}
