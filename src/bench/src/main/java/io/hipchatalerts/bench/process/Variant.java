package io.hipchatalerts.bench.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A way to run the program.
 *
 * @param name stands in its rows and columns
 * @param command the program itself and not a script around it, since memory and processor time are its own; {@code java}
 *     is the JDK of this run
 * @param env settings on top of those that every variant gets
 * @param files the files that are delivered of it
 */
public record Variant(String name, List<String> command, Map<String, String> env, Optional<Path> files) {

    /** The prefix of a bare function's name; the rest is the variant that it is the floor of. */
    public static final String BARE = "bare-";

    /** The variant that all others are compared with. */
    public static final String PLAIN = "jvm";

    /** The command of the program as the default build makes it. */
    public static final String AS_BUILT = "java -jar target/quarkus-app/quarkus-run.jar";

    /**
     * Returns the variant of a text {@code NAME=COMMAND}, whose command is split at spaces.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Variant of(String text) {
        String[] parts = text.split("=", 2);
        if (parts.length < 2 || parts[1].isBlank()) {
            throw new IllegalArgumentException("NAME=COMMAND is needed");
        }
        return new Variant(parts[0], List.of(parts[1].strip().split("\\s+")), Map.of(), Optional.empty());
    }

    /** Returns the same with the files that are delivered of it. */
    public Variant delivering(Optional<Path> what) {
        return new Variant(name, command, env, what);
    }

    /** Returns whether it is a bare function. */
    public boolean isBare() {
        return name.startsWith(BARE);
    }

    /** Returns the same with more settings. */
    public Variant with(Map<String, String> settings) {
        Map<String, String> more = new TreeMap<>(env);
        more.putAll(settings);
        return new Variant(name, command, more, files);
    }

    /** Returns the same with another name, which its log has too. */
    public Variant named(String other) {
        return new Variant(other, command, env, files);
    }
}
