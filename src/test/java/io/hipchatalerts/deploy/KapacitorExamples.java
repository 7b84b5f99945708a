package io.hipchatalerts.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.ProjectFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tomlj.Toml;

/** The files under {@code deploy/kapacitor}, and the requests that Kapacitor makes from them. */
public final class KapacitorExamples {

    private static final Path FOLDER = Path.of("deploy/kapacitor");
    private static final Path RENDERED = Path.of("src/test/resources/events/kapacitor-rendered");

    private KapacitorExamples() {}

    /** Reads a topic handler file. */
    public static JsonNode handler(String file) {
        return Manifests.tree(text(file));
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
        return in(script, "\\.post\\('(.*?)'\\)").findFirst().orElseThrow();
    }

    /** Returns the body that Kapacitor sends for one of the rendered events, by the name of its file. */
    public static String rendered(String file) {
        return ProjectFiles.text(RENDERED.resolve(file));
    }

    static List<JsonNode> endpoints() {
        return Manifests.json(Toml.parse(text("kapacitor.conf")).toJson())
                .path("httppost")
                .valueStream()
                .toList();
    }

    static String text(String file) {
        return ProjectFiles.text(FOLDER.resolve(file));
    }

    /** Returns the first group of each place in a file where a pattern is found. */
    static Stream<String> in(String file, String pattern) {
        return Pattern.compile(pattern).matcher(text(file)).results().map((MatchResult found) -> found.group(1));
    }

    /** Returns the files with this name ending, as paths inside the folder. */
    static Stream<String> files(String ending) {
        return ProjectFiles.files(FOLDER)
                .map(file -> FOLDER.relativize(file).toString())
                .filter(file -> file.endsWith(ending));
    }
}
