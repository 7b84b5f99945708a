package io.hipchatalerts.match;

import io.hipchatalerts.alert.BadAlert;

/** An expression's text, read from start to end. */
final class Source {

    private final String text;
    private int at;

    Source(String text) {
        this.text = text;
    }

    /** Returns the position of the next character. */
    int at() {
        return at;
    }

    boolean atEnd() {
        return at == text.length();
    }

    boolean startsWith(String symbol) {
        return text.startsWith(symbol, at);
    }

    boolean startsWithDigit() {
        return !atEnd() && isDigit(at);
    }

    /** Reads {@code symbol} if it comes next, and returns whether it did. */
    boolean take(String symbol) {
        if (startsWith(symbol)) {
            at += symbol.length();
            return true;
        }
        return false;
    }

    void skipSpace() {
        while (!atEnd() && isSpace(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
    }

    void skipSpaceAndComments() {
        skipSpace();
        while (take("//")) {
            int lineEnd = text.indexOf('\n', at);
            at = lineEnd < 0 ? text.length() : lineEnd;
            skipSpace();
        }
    }

    /** Returns the next word, or empty text if there is none. */
    String peekWord() {
        int end = at;
        while (end < text.length() && isWordPart(text.codePointAt(end), end == at)) {
            end += Character.charCount(text.codePointAt(end));
        }
        return text.substring(at, end);
    }

    String takeDigits() {
        int start = at;
        while (!atEnd() && isDigit(at)) {
            at++;
        }
        return text.substring(start, at);
    }

    /** Reads up to and including the next {@code quote}, and returns the text before it. */
    String takeUntil(String quote, String what) {
        int start = at;
        int end = text.indexOf(quote, start);
        if (end < 0) {
            throw bad(start - quote.length(), what + " has no end; expected " + quote);
        }
        at = end + quote.length();
        return text.substring(start, end);
    }

    /**
     * Does the same, but a {@code quote} after a backslash is part of the text. TICKscript has no other escape: any other
     * backslash is literal.
     */
    String takeUntilUnescaped(char quote, String what) {
        int start = at;
        StringBuilder taken = new StringBuilder();
        for (; !atEnd() && text.charAt(at) != quote; at++) {
            if (startsWith("\\" + quote)) {
                at++;
            }
            taken.append(text.charAt(at));
        }
        if (!take(String.valueOf(quote))) {
            throw bad(start - 1, what + " has no end; expected " + quote);
        }
        return taken.toString();
    }

    /** Returns an error: something other than {@code what} comes next. */
    BadMatch expected(String what) {
        return bad(at, "expected " + what + ", found " + found());
    }

    /** Returns an error at {@code where}. */
    BadMatch bad(int where, String what) {
        String before = text.substring(0, where);
        int lineStart = before.lastIndexOf('\n') + 1;
        String column = "column " + (before.codePointCount(lineStart, where) + 1);
        if (!text.strip().contains("\n")) {
            return new BadMatch(column + ": " + what);
        }
        return new BadMatch(
                "line " + (before.chars().filter(c -> c == '\n').count() + 1) + ", " + column + ": " + what);
    }

    private String found() {
        if (atEnd()) {
            return "the end";
        }
        int end = at;
        while (end < text.length() && !isSpace(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return BadAlert.quote(text.substring(at, end));
    }

    /** Accepts only ASCII digits, as Go does. */
    private boolean isDigit(int where) {
        return text.charAt(where) >= '0' && text.charAt(where) <= '9';
    }

    private static boolean isWordPart(int c, boolean first) {
        return Character.isLetter(c) || (!first && (Character.isDigit(c) || c == '_'));
    }

    private static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
