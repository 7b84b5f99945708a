package io.hipchatalerts.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.tomlj.Toml;

/** The files under {@code deploy/kapacitor}, and the requests that Kapacitor makes from them. */
public final class KapacitorExamples {

    static final Path FOLDER = Path.of("deploy/kapacitor");
    static final Path RENDERED = Path.of("src/test/resources/events/kapacitor-rendered");

    private static final Pattern POST = Pattern.compile("\\.post\\('(.*?)'\\)");

    private KapacitorExamples() {}

    /** Reads a topic handler file. */
    public static JsonNode handler(String file) {
        return read(file, path -> new YAMLMapper().readTree(path.toFile()));
    }

    /** Returns the {@code [[httppost]]} endpoint of that name in {@code kapacitor.conf}. */
    public static JsonNode endpoint(String name) {
        return endpoints().stream()
                .filter(endpoint -> endpoint.path("endpoint").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("kapacitor.conf has no endpoint " + name));
    }

    /** Returns the address that a script posts to. */
    public static String urlIn(String script) {
        Matcher post = POST.matcher(text(script));
        if (!post.find()) {
            throw new AssertionError(script + " posts to no url");
        }
        return post.group(1);
    }

    /** Returns the body that Kapacitor sends for one of the rendered events, by the name of its file. */
    public static String rendered(String file) {
        return read(RENDERED.resolve(file), Files::readString);
    }

    static List<JsonNode> endpoints() {
        JsonNode conf = read("kapacitor.conf", path -> new ObjectMapper()
                .readTree(Toml.parse(path).toJson()));
        return StreamSupport.stream(conf.path("httppost").spliterator(), false).toList();
    }

    static String text(String file) {
        return read(file, Files::readString);
    }

    /** Returns the files with this name ending, as paths inside the folder. */
    static Stream<String> files(String ending) {
        return read(FOLDER, folder -> {
                    try (Stream<Path> all = Files.walk(folder)) {
                        return all.filter(Files::isRegularFile)
                                .map(file -> folder.relativize(file).toString())
                                .filter(file -> file.endsWith(ending))
                                .sorted()
                                .toList();
                    }
                })
                .stream();
    }

    private static <T> T read(String file, Reader<T> reader) {
        return read(FOLDER.resolve(file), reader);
    }

    private static <T> T read(Path path, Reader<T> reader) {
        try {
            return reader.read(path);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(path.toString(), unreadable);
        }
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(Path path) throws IOException;
    }
}
