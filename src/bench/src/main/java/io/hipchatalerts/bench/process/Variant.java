package io.hipchatalerts.bench.process;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A way to run the program.
 *
 * @param name stands in its rows and columns, and in the name of its log
 * @param env settings on top of those that every variant gets
 * @param command the program itself and not a script around it, since memory and processor time are its own; {@code java}
 *     is the JDK of this run
 */
public record Variant(String name, Map<String, String> env, List<String> command) {

    /** The prefix of a bare function's name; the rest is the variant that it is the floor of. */
    public static final String BARE = "bare-";

    /** The variant that all others are compared with. */
    public static final String PLAIN = "jvm";

    /** The program as the default build makes it. */
    public static final String AS_BUILT = PLAIN + "=java -jar target/quarkus-app/quarkus-run.jar";

    private static final String SETTING = "[A-Z][A-Z0-9_]*=.*";

    /**
     * Returns the variant of a text {@code NAME=COMMAND}. Words are split at spaces. As in a shell, the command may begin
     * with settings {@code KEY=VALUE}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Variant of(String text) {
        String[] parts = text.split("=", 2);
        List<String> words = List.of(parts[parts.length - 1].strip().split("\\s+"));
        Map<String, String> env = words.stream()
                .takeWhile(word -> word.matches(SETTING))
                .map(word -> word.split("=", 2))
                .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
        List<String> command = words.subList(env.size(), words.size());
        if (parts.length < 2 || String.join("", command).isEmpty()) {
            throw new IllegalArgumentException("NAME=COMMAND is needed");
        }
        return new Variant(parts[0], env, command);
    }

    /** Returns whether it is a bare function. */
    public boolean isBare() {
        return name.startsWith(BARE);
    }

    /** Returns the same with more settings. */
    public Variant with(Map<String, String> settings) {
        Map<String, String> more = new TreeMap<>(env);
        more.putAll(settings);
        return new Variant(name, more, command);
    }

    /** Returns the same with another name. */
    public Variant named(String other) {
        return new Variant(other, env, command);
    }

    @Override
    public String toString() {
        Stream<String> settings = env.entrySet().stream().map(setting -> setting.getKey() + "=" + setting.getValue());
        return name + ": " + Stream.concat(settings, command.stream()).collect(Collectors.joining(" "));
    }
}
