package io.hipchatalerts.kapacitor;

import java.util.regex.Pattern;

/**
 * Cuts the section {@code [hipchat]} out of a TOML file, of which nothing else has to be valid: readers of TOML differ in what they accept,
 * and Kapacitor's has changed over the years. Strings, brackets and comments are understood everywhere, because they may
 * contain what looks like the section's header.
 */
final class TomlSection {

    /** Says where a string or a bracket starts that never ends. The text behind it may be inside or outside of it. */
    static final class NoEnd extends Exception {

        private static final long serialVersionUID = 1L;

        private final int line;
        private final int column;

        private NoEnd(String toml, int start) {
            super("a string or a bracket has no end", null, false, false);
            String before = toml.substring(0, start);
            line = 1 + (int) before.chars().filter(c -> c == '\n').count();
            column = start - before.lastIndexOf('\n');
        }

        int line() {
            return line;
        }

        int column() {
            return column;
        }
    }

    /** A header of the section or of its tables, or a statement in the root that defines them. */
    private static final Pattern NAMED =
            Pattern.compile("(?is)\\s*(?:\\[\\s*){0,2}(?:hipchat|'hipchat'|\"hipchat\")\\s*(?:[.=\\]].*)?");

    private final String toml;
    private final StringBuilder section = new StringBuilder();
    private int at;

    private TomlSection(String toml) {
        this.toml = toml;
    }

    /**
     * Returns the statements of {@code toml} that belong to the section, in upper or lower case, and to its
     * tables. They keep their lines and columns; the other statements and all comments become blank.
     *
     * @throws NoEnd if a string or a bracket never ends
     */
    static String cut(String toml) throws NoEnd {
        TomlSection reader = new TomlSection(toml);
        reader.read();
        return reader.section.toString();
    }

    private void read() throws NoEnd {
        boolean root = true;
        boolean inside = false;
        while (at < toml.length()) {
            int start = section.length();
            boolean header = isHeader();
            copyStatement(header);
            String statement = section.substring(start);
            boolean isNamed = NAMED.matcher(statement).matches();
            if (header) {
                root = false;
                inside = isNamed;
            }
            if (!inside && !(root && isNamed)) {
                section.setLength(start);
                section.append(statement.replaceAll("[^\n]", ""));
            }
        }
    }

    private boolean isHeader() {
        int first = at;
        while (is(first, ' ') || is(first, '\t')) {
            first++;
        }
        return is(first, '[');
    }

    /** Copies a statement with its line end. Only an array or a table continues on the next line. */
    private void copyStatement(boolean header) throws NoEnd {
        int start = at;
        int open = 0;
        while (at < toml.length()) {
            char c = toml.charAt(at);
            switch (c) {
                case '#' -> blankComment();
                case '"', '\'' -> copyString(c);
                case '[', '{' -> {
                    open++;
                    copy(1);
                }
                case ']', '}' -> {
                    open--;
                    copy(1);
                }
                case '\n' -> {
                    copy(1);
                    if (header || open <= 0) {
                        return;
                    }
                }
                default -> copy(1);
            }
        }
        if (open > 0 && !header) {
            throw new NoEnd(toml, start);
        }
    }

    private void blankComment() {
        while (at < toml.length() && !is(at, '\n')) {
            section.append(' ');
            at++;
        }
    }

    /** A string with one quote ends with its line at the latest. */
    private void copyString(char quote) throws NoEnd {
        int start = at;
        boolean multiline = is(at + 1, quote) && is(at + 2, quote);
        copy(multiline ? 3 : 1);
        while (at < toml.length()) {
            if (quote == '"' && is(at, '\\') && at + 1 < toml.length() && !is(at + 1, '\n')) {
                copy(2);
            } else if (multiline ? isEnd(quote) : is(at, quote)) {
                copy(multiline ? 3 : 1);
                return;
            } else if (!multiline && is(at, '\n')) {
                return;
            } else {
                copy(1);
            }
        }
        if (multiline) {
            throw new NoEnd(toml, start);
        }
    }

    /** The last three of up to five quotes end a string. */
    private boolean isEnd(char quote) {
        return is(at, quote) && is(at + 1, quote) && is(at + 2, quote) && !is(at + 3, quote);
    }

    private boolean is(int index, char c) {
        return index < toml.length() && toml.charAt(index) == c;
    }

    private void copy(int length) {
        section.append(toml, at, at + length);
        at += length;
    }
}
