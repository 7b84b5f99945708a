package io.hipchatalerts;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The packaged program, as it is started: the native executable where the build made one, else the jar. */
public final class Program {

    private static final boolean NATIVE = Boolean.getBoolean("program.native");
    private static final Path EXECUTABLE = Path.of(System.getProperty("program.executable", "not set by the build"));
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private Program() {}

    /** What the build made. */
    public static Path file() {
        return (NATIVE ? EXECUTABLE : JAR).toAbsolutePath();
    }

    /** Whether it is a native executable. */
    public static boolean isNative() {
        return NATIVE;
    }

    /** The command that starts it in little time and memory. */
    public static List<String> command(String... arguments) {
        Stream<String> start = NATIVE
                ? Stream.of(file().toString(), "-Xmx96m")
                : Stream.of(
                        JAVA.toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx96m",
                        "-jar",
                        file().toString());
        List<String> command = new ArrayList<>(start.toList());
        command.addAll(List.of(arguments));
        return command;
    }
}
