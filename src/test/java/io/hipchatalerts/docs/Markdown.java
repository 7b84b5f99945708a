package io.hipchatalerts.docs;

import io.hipchatalerts.ProjectFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One Markdown file of the project.
 *
 * @param path the file, from the project's folder
 * @param text the text without its blocks of code
 */
record Markdown(Path path, String text) {

    private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```.*?^\\1```$");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern NAMED_PATH = Pattern.compile("`((?:src|deploy|\\.ci|\\.github)/[\\w./-]+)`");

    static Markdown of(Path path) {
        return new Markdown(path, BLOCK.matcher(ProjectFiles.text(path)).replaceAll(""));
    }

    static Stream<Markdown> all() {
        return Stream.of("", "src", "deploy")
                .flatMap(folder -> ProjectFiles.files(Path.of(folder), folder.isEmpty() ? 1 : Integer.MAX_VALUE))
                .filter(file -> file.toString().endsWith(".md"))
                .sorted()
                .map(Markdown::of);
    }

    /** Returns the targets of the links and pictures that are in this project. */
    List<String> links() {
        return LINK.matcher(withoutCode())
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.matches("https?://.*"))
                .toList();
    }

    /** Returns the file or folder of a link, from the project's folder. */
    Path target(String link) {
        String file = link.replaceFirst("#.*", "");
        return file.isEmpty() ? path : path.resolveSibling(file).normalize();
    }

    /** Returns the anchors of the headings, as GitHub makes them. */
    Set<String> anchors() {
        return HEADING.matcher(text)
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    /** Returns the project's files and folders that the text names. */
    List<Path> namedPaths() {
        return NAMED_PATH
                .matcher(text)
                .results()
                .map(name -> Path.of(name.group(1)))
                .toList();
    }

    /** Returns the text with a word in place of each piece of code. */
    String withoutCode() {
        return text.replaceAll("`[^`]*`", "code");
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
