package io.hipchatalerts.bench.process;

import io.hipchatalerts.bench.load.Call;
import io.hipchatalerts.bench.load.Connection;
import io.hipchatalerts.bench.report.Machine;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program with HTTP at a port of this machine, in one process after the other. */
public final class Program implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long LOOK = 1_000_000;
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    private final Variant variant;
    private final FakeHipChat hipChat;
    private final int port = FreePort.any();
    private volatile Child child;
    private volatile long start;
    private volatile long listeningAfter;

    /** Starts the program and waits until it listens. If it does not, the benchmark ends, and with it the program. */
    public static Program listening(Variant variant, FakeHipChat hipChat) throws IOException {
        Program program = new Program(variant, hipChat);
        program.untilListening();
        return program;
    }

    /** Begins to start the program. */
    public Program(Variant variant, FakeHipChat hipChat) throws IOException {
        this.variant = variant;
        this.hipChat = hipChat;
        Files.deleteIfExists(Child.log(variant));
        start();
    }

    /** Begins to start the ended program anew, at the same port and with the same log. */
    public void restart() throws IOException {
        child.close();
        start();
    }

    private void start() throws IOException {
        listeningAfter = -1;
        start = System.nanoTime();
        Map<String, String> settings =
                Map.of("QUARKUS_HTTP_HOST", "127.0.0.1", "QUARKUS_HTTP_PORT", String.valueOf(port));
        child = Child.start(variant, hipChat, Path.of("."), settings);
    }

    public String name() {
        return variant.name();
    }

    public int port() {
        return port;
    }

    /** Returns its process. */
    public Child child() {
        return child;
    }

    /** Waits for the first connection that the program takes. */
    public void untilListening() throws IOException {
        firstConnection().close();
    }

    /** Returns the nanoseconds from the start to the first connection that the program took. */
    public long listeningAfter() {
        return listeningAfter;
    }

    /** Posts until all is done that is due; returns the nanoseconds from the start to that answer. */
    public long untilAnswered(Call call, BooleanSupplier done) throws IOException {
        while (true) {
            String answer;
            try (Connection connection = firstConnection()) {
                answer = connection.post(call);
            } catch (IOException notYet) {
                answer = notYet.toString();
            }
            long now = System.nanoTime() - start;
            if (answer.startsWith("HTTP/1.1 200") && done.getAsBoolean()) {
                return now;
            }
            checkPatience("gave no 200; the last answer was " + answer);
        }
    }

    private Connection firstConnection() throws IOException {
        while (true) {
            try {
                Connection connection = new Connection(port);
                listeningAfter = listeningAfter < 0 ? System.nanoTime() - start : listeningAfter;
                return connection;
            } catch (ConnectException notYet) {
                checkPatience("does not listen");
                LockSupport.parkNanos(LOOK);
            }
        }
    }

    private void checkPatience(String trouble) throws IOException {
        if (!child.process().isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
            throw child.trouble(trouble);
        }
    }

    /** Returns the heap in use after a full collection; -1 where the program is no JVM. */
    public long heapBytesAfterCollection() throws InterruptedException {
        // It forces a collection, and ends with the number and the bytes of all objects that are left.
        String pid = String.valueOf(child.process().pid());
        Matcher total = TOTAL.matcher(Machine.output(Child.JDK.resolve("jcmd").toString(), pid, "GC.class_histogram"));
        return total.find() ? Long.parseLong(total.group(1)) : -1;
    }

    @Override
    public void close() {
        child.close();
    }
}
