package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/**
 * {@code function.zip} unzipped and run as AWS runs it: its {@code bootstrap} where there is one, as in a native build,
 * else by AWS' own Java runtime.
 */
final class FunctionProcess implements AutoCloseable {

    static final Path ZIP = Path.of("target/function.zip");

    private static final Path TASK_ROOT = unzipped(ZIP);
    private static final List<Class<?>> RUNTIME =
            List.of(AWSLambda.class, LambdaRuntime.class, PojoSerializer.class, SdkInternalThreadLocal.class);

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader = new Thread(this::read);

    /** Starts one that gets its work from {@code api}; the settings are named as in application.properties. */
    FunctionProcess(RuntimeApi api, Map<String, String> settings) {
        ProcessBuilder builder =
                new ProcessBuilder(command()).directory(TASK_ROOT.toFile()).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "AWS_LAMBDA_RUNTIME_API", api.address(),
                        "AWS_LAMBDA_FUNCTION_NAME", "hipchat-alerts",
                        "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST",
                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512",
                        "AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hipchat-alerts",
                        "AWS_LAMBDA_LOG_STREAM_NAME", "1",
                        "LAMBDA_TASK_ROOT", TASK_ROOT.toAbsolutePath().toString()));
        settings.forEach((key, value) ->
                builder.environment().put(key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT), value));
        try {
            process = builder.start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        reader.setDaemon(true);
        reader.start();
    }

    /** All that it has written so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** What it wrote for one invocation: all after the metrics of the one before, to its own, which it waits for. */
    List<String> linesOf(String requestId) {
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> lines.stream().anyMatch(line -> isMetrics(line) && line.contains(requestId)));
        List<String> invocation = new ArrayList<>();
        for (String line : lines) {
            invocation.add(line);
            if (isMetrics(line) && line.contains(requestId)) {
                break;
            }
            if (isMetrics(line)) {
                invocation.clear();
            }
        }
        return invocation;
    }

    private static boolean isMetrics(String line) {
        return line.contains("\"_aws\"");
    }

    /** Asks it to end, as Lambda does before it takes an instance away. */
    void terminate() {
        // Process.destroy closes the streams, and the last lines of the log are lost.
        process.toHandle().destroy();
    }

    /** Waits for its end, with all that it has written then. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            throw new IllegalStateException("it lives on: " + lines);
        }
        reader.join();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static List<String> command() {
        Path bootstrap = TASK_ROOT.resolve("bootstrap");
        if (Files.exists(bootstrap)) {
            return List.of(bootstrap.toAbsolutePath().toString());
        }
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                String.join(
                        File.pathSeparator,
                        RUNTIME.stream().map(FunctionProcess::jar).toList()),
                AWSLambda.class.getName(),
                Handler.class.getName());
    }

    private static String jar(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .toString();
    }

    /** Into a folder of its own: two processes of the tests do this at once. */
    private static Path unzipped(Path zip) {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            Path folder = Files.createTempDirectory(zip.getParent(), "function-");
            for (ZipEntry entry : file.stream().filter(e -> !e.isDirectory()).toList()) {
                Path target = folder.resolve(entry.getName());
                Files.createDirectories(target.getParent());
                try (InputStream content = file.getInputStream(entry)) {
                    Files.copy(content, target);
                }
            }
            folder.resolve("bootstrap").toFile().setExecutable(true);
            return folder;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException killed) {
            // Nothing more to read.
        }
    }
}
