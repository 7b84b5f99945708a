package io.hipchatalerts.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.ProjectFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The language of the documents, comments, messages and descriptions: plain English for a native reader in a hurry. The
 * banned patterns are those that have crept in before. A prose linter such as Vale or textlint would need more than a JDK.
 */
class ProseTest {

    private static final int MOST_WORDS = 40;

    /**
     * @param pattern what is banned, in one sentence
     * @param reason what to write instead
     * @param example a sentence that the pattern finds
     */
    record Banned(Pattern pattern, String reason, String example) {

        static Banned of(String regex, String reason, String example) {
            return new Banned(Pattern.compile(regex, Pattern.CASE_INSENSITIVE), reason, example);
        }

        /** Bans a replaced word, which has a dot inside it here: a search for such words finds only real uses. */
        static Banned word(String regex, String replacement, String example) {
            return of(regex.replace("·", ""), replacement, example.replace("·", ""));
        }

        boolean isIn(String sentence) {
            return pattern.matcher(sentence).find();
        }
    }

    static final List<Banned> BANNED = List.of(
            // One word for one thing.
            Banned.word("\\b(t·ells?|t·old|t·elling)\\b", "a message is sent", "The room is t·old the new level."),
            Banned.word("\\bo·ut of reach\\b", "unavailable", "It rests while the store is o·ut of reach."),
            Banned.word("\\bs·wap(s|ped|ping)?\\b", "compare-and-set", "A lost race is another s·wap."),
            Banned.word("\\bd·istrust", "mark unknown", "The level is d·istrusted until then."),
            Banned.word("\\bb·lot(s|ted)? out\\b", "redact", "The token is b·lotted out."),
            Banned.of("\\bside by side\\b", "concurrently", "Deliveries run side by side."),
            Banned.of("\\bfor good\\b", "permanently", "HipChat refuses it for good."),
            Banned.of("\\bfor ever\\b", "forever", "Kapacitor waits for ever."),
            // Subject, verb, object.
            Banned.of("^(off|on|set|unset|with|without), ", "an inversion", "Off, every event is answered at once."),
            Banned.of("\\b(nor|so|neither) (do|does|is|are|has|have|can)\\b", "an inversion", "Nor does a Trigger."),
            Banned.of(", as (do|does|is|are) ", "an inversion", "It is from a bus, as are SNS and SQS."),
            Banned.of(
                    "^(what|who) .*\\.$",
                    "a clause as the subject",
                    "What Kapacitor would take in this program takes too."),
            Banned.of("\\bwho(m|so)?ever\\b", "name the person or the part", "Whoever comes next drives it on."),
            // The ordinary word.
            Banned.of(
                    "\\b(hence|thus|thereby|thereof|therein|whereof|lest)\\b",
                    "so, because, of it",
                    "Hence the default."),
            Banned.of("\\b(likewise|besides)\\b", "the same, in addition", "It has a topic besides."),
            Banned.of("\\bheeds?\\b", "uses", "It heeds the variable."),
            Banned.of(
                    "\\b(takes?|took|taken) (no|none)\\b(?! arguments?\\b)",
                    "accepts no",
                    "It takes no more messages."),
            Banned.of(
                    "\\bHipChat (takes|(does|did|will|can)( not|not)? take) (?!\\d+ m?s\\b)",
                    "accepts",
                    "HipChat takes 30 messages a minute."),
            Banned.of("\\bmutes?\\b", "does not answer", "The server is mute."),
            Banned.of("\\bwithout a word\\b", "silently", "The store loses the record without a word."),
            Banned.of("\\bthe very\\b", "exactly", "The cache fits the very JDK that made it."),
            Banned.of("\\bbecomes? of\\b", "happens to", "The log says what becomes of it."),
            Banned.of("\\bst(ands?|ood) still\\b", "is frozen", "A process stands still before its request."),
            // No riddles.
            Banned.of("\\bfor nobody\\b|\\b(nobody|nothing)'s\\b", "a riddle", "A delivery waits for nobody."));

    @Test
    void noDocumentContainsABannedPatternOrALongSentence() {
        assertThat(Markdown.all()
                        .filter(document -> !document.path().startsWith("src/test"))
                        .flatMap(document -> violations(document.path(), paragraphs(document))))
                .isEmpty();
    }

    @Test
    void noCommentInJavaContainsABannedPatternOrALongSentence() {
        assertThat(violations(
                        Stream.of("src/main", "src/http", "src/lambda", "src/traces", "src/bench"),
                        ".*\\.java",
                        SourceText::javaComments))
                .isEmpty();
    }

    @Test
    void noMessageContainsABannedPatternOrALongSentence() {
        assertThat(violations(
                        Stream.of("src/main", "src/http", "src/lambda", "src/traces", "src/bench"),
                        ".*\\.java",
                        SourceText::messages))
                .isEmpty();
    }

    @Test
    void noOtherCommentContainsABannedPatternOrALongSentence() {
        assertThat(Stream.concat(
                        violations(
                                Stream.of("src", "deploy", ".ci", ".github", ".mvn", "mvnw"),
                                // A script of ours has no extension.
                                ".*\\.(ya?ml|properties|conf)|.*/Dockerfile\\.\\w+|(.*/)?\\w+",
                                SourceText::hashComments),
                        violations(
                                Stream.of("pom.xml", "src/build", "src/bench"),
                                "(.*/)?pom\\.xml",
                                SourceText::xmlComments)))
                .isEmpty();
    }

    @Test
    void noDescriptionContainsABannedPatternOrALongSentence() {
        assertThat(violations(Stream.of("deploy", ".github"), ".*\\.(ya?ml|json)", SourceText::descriptions))
                .isEmpty();
    }

    @ParameterizedTest
    @FieldSource("BANNED")
    void aBannedPatternIsFoundInItsExample(Banned banned) {
        assertThat(violations(Path.of("any.md"), Stream.of("A good sentence. " + banned.example() + " Another one.")))
                .containsExactly("any.md: " + banned.reason() + ": " + banned.example());
    }

    @Test
    void aLongSentenceIsFound() {
        assertThat(violations(Path.of("any.md"), Stream.of("Word ".repeat(MOST_WORDS))))
                .isEmpty();
        assertThat(violations(Path.of("any.md"), Stream.of("Word ".repeat(MOST_WORDS + 1))))
                .hasSize(1);
    }

    @Test
    void theTextOfJavaIsRead() {
        String code = """
                /**
                 * Returns the room, {@code alerts} for example.
                 *
                 * @param name the name
                 *     of the room
                 */
                String room(String name) {
                    // Not a copy:
                    // it is immutable.
                    LOG.warnf("%s is no " + name.charAt('"') + "room that I know");
                    return "No \\"room\\", or "
                            + "too many of them"; // not read
                }
                """;

        assertThat(SourceText.javaComments(code))
                .containsExactly(
                        "Returns the room, code for example.",
                        "@param name the name of the room",
                        "Not a copy: it is immutable.");
        assertThat(SourceText.messages(code))
                .containsExactly("… is no ", "room that I know", "No \"room\", or too many of them");
    }

    @Test
    void theTextOfOtherFilesIsRead() {
        assertThat(SourceText.hashComments("""
                        #!/bin/sh
                        # Starts it,
                        # and waits:
                        #
                        #   start now   at once
                        #   start       later
                        start ${1#x} # the first one
                        # As before.
                        """))
                .containsExactly(
                        "Starts it, and waits:",
                        "start now   at once",
                        "start       later",
                        "the first one As before.");
        assertThat(SourceText.xmlComments("<a><!-- One --><b/><!--\n  Two\n  lines:\n    ./mvnw\n--></a>"))
                .containsExactly("One", "Two lines:", "./mvnw");
        assertThat(SourceText.descriptions("""
                        rules:
                          - Description: One line
                            name: no prose
                            summary: >-
                              Two
                              lines
                            for: 5m
                        """).map(text -> text.strip().replaceAll("\\s+", " ")))
                .containsExactly("One line", "Two lines");
        assertThat(SourceText.descriptions("{\"title\": \"A \\\"panel\\\"\", \"type\": \"table\"}"))
                .containsExactly("A \\\"panel\\\"");
    }

    private static Stream<String> violations(
            Stream<String> folders, String names, Function<String, Stream<String>> texts) {
        return folders.flatMap(folder -> ProjectFiles.files(Path.of(folder)))
                .filter(file -> file.toString().matches(names))
                .filter(file -> !file.toString().matches("src/(bench/)?(bare/)?target/.*|src/test/.*"))
                .flatMap(file -> violations(file, texts.apply(ProjectFiles.text(file))));
    }

    private static Stream<String> violations(Path file, Stream<String> paragraphs) {
        return paragraphs
                .flatMap(paragraph -> Pattern.compile("(?<=[.!?:])[\"')]?\\s+(?=[\"'(]?[A-Z])")
                        .splitAsStream(paragraph.strip().replaceAll("\\s+", " ")))
                .flatMap(sentence -> Stream.concat(
                                BANNED.stream()
                                        .filter(banned -> banned.isIn(sentence))
                                        .map(Banned::reason),
                                words(sentence) > MOST_WORDS
                                        ? Stream.of("more than " + MOST_WORDS + " words")
                                        : Stream.empty())
                        .map(reason -> file + ": " + reason + ": " + sentence));
    }

    private static long words(String sentence) {
        return Pattern.compile(" ").splitAsStream(sentence).count();
    }

    /** Returns the paragraphs, items of lists and cells of tables, without links and emphasis. */
    private static Stream<String> paragraphs(Markdown document) {
        return Pattern.compile("\\n\\s*\\n|\\n\\s*(?:[-*]|\\d+\\.) |\\n#+ |\\|")
                .splitAsStream(document.withoutCode().replaceAll("\\]\\([^)]*\\)", "]"))
                .map(paragraph -> paragraph.replaceAll("[\\[\\]*]", ""));
    }
}
