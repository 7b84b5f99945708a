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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process of the program or of a bare function, with its output in a log. */
public record Child(Process process, Path log) implements AutoCloseable {

    static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final int LONGEST_OUTPUT = 10_000;

    /** Settings around the benchmark must not change the program that it measures. */
    private static final String FOREIGN =
            "(HIPCHAT|KAPACITOR|QUARKUS|AWS|LAMBDA)_.*|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS";

    static {
        // No child outlives this process.
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly)));
    }

    /** Starts a process with settings on top of those that all have. */
    static Child start(Variant variant, FakeHipChat hipChat, Path folder, Map<String, String> settings)
            throws IOException {
        List<String> command = new ArrayList<>(variant.command());
        if (command.get(0).equals("java")) {
            command.set(0, JDK.resolve("java").toString());
        }
        Path log = log(variant);
        Files.createDirectories(log.getParent());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(key -> key.matches(FOREIGN));
        environment.putAll(Map.of("HIPCHAT_ENABLED", "true", "HIPCHAT_URL", hipChat.url()));
        environment.putAll(Map.of("HIPCHAT_ROOM", "alerts", "HIPCHAT_TOKEN", "bench-token"));
        environment.putAll(settings);
        environment.putAll(variant.env());
        return new Child(builder.start(), log);
    }

    static Path log(Variant variant) {
        return Path.of("target", "bench", variant.name() + ".log");
    }

    /** Returns the processor time so far in nanoseconds, user and system. */
    public long cpuNanos() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    /** Returns the resident memory; -1 where the system does not say. */
    public long residentBytes() throws IOException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        Matcher resident = RESIDENT.matcher(Files.exists(status) ? Files.readString(status) : "");
        return resident.find() ? Long.parseLong(resident.group(1)) << 10 : -1;
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
    IllegalStateException trouble(String what) throws IOException {
        String output = Files.readString(log);
        String end = output.substring(Math.max(0, output.length() - LONGEST_OUTPUT));
        return new IllegalStateException(log + ": it " + what + ". Its output ends with:\n" + end);
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
    }
}
