package io.hipchatalerts.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.ProjectFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents' links. */
class LinksTest {

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsToAFileAndToAHeadingInIt(Markdown document) {
        assertThat(document.links()).allSatisfy(link -> {
            Path target = document.target(link);
            assertThat(target).exists();
            if (link.contains("#")) {
                assertThat(Markdown.of(target).anchors()).contains(link.replaceFirst(".*#", ""));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyFileThatIsNamedExists(Markdown document) {
        assertThat(document.namedPaths()).allSatisfy(path -> assertThat(path).exists());
    }

    @Test
    void everyDocumentCanBeReachedFromTheReadme() {
        Set<Path> reached = new TreeSet<>();
        Deque<Path> open = new ArrayDeque<>(Set.of(Path.of("README.md")));
        while (!open.isEmpty()) {
            Path document = open.remove();
            if (Files.isDirectory(document)) {
                ProjectFiles.files(document, 1).forEach(open::add);
            } else if (document.toString().endsWith(".md") && reached.add(document)) {
                Markdown from = Markdown.of(document);
                from.links().stream().map(from::target).forEach(open::add);
            }
        }

        assertThat(documents().map(Markdown::path).filter(document -> !document.endsWith("SOURCES.md")))
                .isSubsetOf(reached);
    }

    static Stream<Markdown> documents() {
        return Markdown.all();
    }
}
