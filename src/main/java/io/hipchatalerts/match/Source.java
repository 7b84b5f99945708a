package io.hipchatalerts.match;

import io.hipchatalerts.alert.BadAlert;

/** An expression's text, read from front to back. */
final class Source {

    private final String text;
    private int at;

    Source(String text) {
        this.text = text;
    }

    /** How far it is read. */
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

    /** Whether {@code symbol} came next; it is then read. */
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

    /** The word that comes next; empty when none does. */
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

    /** What stands between here and the next {@code quote}, which is read too. */
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
     * The same, but a {@code quote} behind a backslash is part of it. TICKscript has no other escape: a backslash before
     * anything else, another backslash too, stands for itself.
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

    /** Says that something else comes next than was due. */
    BadMatch expected(String what) {
        return bad(at, "expected " + what + ", found " + found());
    }

    /** Says what is wrong at {@code where}. */
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

    /** Only these: Go reads no number from another script's digits. */
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
