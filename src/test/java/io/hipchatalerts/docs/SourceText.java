package io.hipchatalerts.docs;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The prose in files that are not prose: comments, messages and descriptions, as paragraphs. */
final class SourceText {

    private static final Pattern JAVA_TOKEN = Pattern.compile(
            "//.*|/\\*(?s:.*?)\\*/|'(?:\\\\.|[^'\\\\])*+'|\"\"\"(?s:.*?)\"\"\"|\"(?:\\\\.|[^\"\\\\])*+\"");
    private static final Pattern CONCATENATION = Pattern.compile("\\s*\\+\\s*");
    private static final int SHORTEST_MESSAGE = 3;

    private static final Pattern XML_COMMENT = Pattern.compile("(?s)<!--(.*?)-->");

    /** A description in YAML: on the line of its key, or on the following ones that are further to the right. */
    private static final Pattern YAML_TEXT = Pattern.compile(
            "(?m)^( *)(?:- )?(?:\\w*[dD]escription|summary|title): *(?:[>|]-?\\n((?:\\1 +.*\\n?)+)|(.+))$");

    private static final Pattern JSON_TEXT = Pattern.compile("\"(?:description|title)\": *\"((?:\\\\.|[^\"\\\\])*+)\"");

    private SourceText() {}

    /** Returns the comments of Java that have a line of their own. */
    static Stream<String> javaComments(String code) {
        List<String> lines = new ArrayList<>();
        for (String line : code.lines().toList()) {
            String trimmed = line.strip();
            boolean isComment = trimmed.matches("(//|/\\*|\\*).*");
            String words =
                    trimmed.replaceAll("^(//|/\\*\\*?|\\*/?)\\s*|\\*/$|<p>", "").strip();
            if (!isComment || words.isEmpty() || words.startsWith("@") || trimmed.startsWith("/*")) {
                lines.add("");
            }
            lines.add(isComment ? words : "");
        }
        return joined(lines).map(words -> words.replaceAll("\\{@\\w+ [^}]*}", "code"));
    }

    /** Returns the texts in Java that can be messages: several words, with "…" for each value between them. */
    static Stream<String> messages(String code) {
        List<String> messages = new ArrayList<>();
        int end = 0;
        boolean isContinued = false;
        Matcher token = JAVA_TOKEN.matcher(code);
        while (token.find()) {
            // A block is a script or an example.
            if (token.group().matches("\"(?!\"\").*")) {
                String text = token.group().substring(1, token.group().length() - 1);
                if (isContinued
                        && CONCATENATION
                                .matcher(code.substring(end, token.start()))
                                .matches()) {
                    text = messages.remove(messages.size() - 1) + text;
                }
                messages.add(text);
                isContinued = true;
                end = token.end();
            }
        }
        return messages.stream()
                .map(text -> text.replace("\\n", " ").replace("\\\"", "\"").replaceAll("%\\.?\\d*[a-z]", "…"))
                .filter(text -> text.split("\\s+").length >= SHORTEST_MESSAGE);
    }

    /** Returns the comments of a script, of YAML or of properties, also those behind code. */
    static Stream<String> hashComments(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher comment = Pattern.compile("(?:^|.*?\\s)#(?:\\s(.*))?$").matcher(line);
            boolean isComment = comment.matches();
            String words = isComment && comment.group(1) != null ? comment.group(1) : "";
            // What is indented is a command or an item of a list.
            if (!line.strip().startsWith("#") || words.startsWith("  ")) {
                lines.add("");
            }
            lines.add(words.strip());
            if (words.startsWith("  ")) {
                lines.add("");
            }
        }
        return joined(lines);
    }

    static Stream<String> xmlComments(String text) {
        return XML_COMMENT
                .matcher(text)
                .results()
                .map(comment -> comment.group(1))
                .flatMap(SourceText::xmlComment);
    }

    private static Stream<String> xmlComment(String comment) {
        List<String> lines = new ArrayList<>();
        for (String line : comment.stripTrailing()
                .replaceFirst("^ *\\n", "")
                .stripIndent()
                .lines()
                .toList()) {
            // A comment that begins behind its mark has further lines that are indented, too.
            boolean isCommand = line.startsWith("  ") && comment.startsWith("\n");
            lines.addAll(isCommand ? List.of("", line.strip(), "") : List.of(line.strip()));
        }
        return joined(lines);
    }

    /** Returns the descriptions in YAML and JSON. */
    static Stream<String> descriptions(String text) {
        return Stream.concat(
                YAML_TEXT.matcher(text).results().map(SourceText::yamlText),
                JSON_TEXT.matcher(text).results().map(json -> json.group(1)));
    }

    private static String yamlText(MatchResult yaml) {
        return yaml.group(2) == null ? yaml.group(3) : yaml.group(2);
    }

    /** Joins the lines of each paragraph; empty lines are between paragraphs. */
    private static Stream<String> joined(List<String> lines) {
        return Pattern.compile("\\n\\n+")
                .splitAsStream(lines.stream().collect(joining("\n")))
                .map(paragraph -> paragraph.replace('\n', ' ').strip())
                .filter(paragraph -> !paragraph.isEmpty());
    }
}
