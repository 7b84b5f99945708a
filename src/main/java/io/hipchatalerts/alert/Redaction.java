package io.hipchatalerts.alert;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Removes a secret from texts. It searches each text as it is, without its escapes, and without the escapes that are
 * left then: an error text may quote JSON that contains an address.
 */
final class Redaction {

    static final String REDACTED = "***";

    private static final int MOST_DECODINGS = 2;

    private static final String PERCENT = "%([0-9a-fA-F]{2})";

    /** An escape's only group is its hexadecimal code, or else the last character stands for itself. */
    private static final List<Pattern> ESCAPES = List.of(
            Pattern.compile("(?s)\\\\u([0-9a-fA-F]{4})|\\\\."),
            Pattern.compile(PERCENT),
            // A form has a plus for each space.
            Pattern.compile(PERCENT + "|\\+"));

    private final String secret;

    /** For each {@code n}: the length of the longest border of the secret's first {@code n} characters; -1 for none. */
    private final int[] borders;

    Redaction(String secret) {
        this.secret = secret;
        this.borders = new int[secret.length() + 1];
        borders[0] = -1;
        for (int n = 0; n < secret.length(); n++) {
            borders[n + 1] = next(borders[n], secret.charAt(n));
        }
    }

    String of(String text) {
        if (secret.isEmpty()) {
            return text;
        }
        // For each position: where the longest spelling of the secret ends that starts there; 0 for none.
        int[] ends = new int[text.length()];
        search(new Reading(text, IntStream.rangeClosed(0, text.length()).toArray()), MOST_DECODINGS, ends);
        StringBuilder redacted = new StringBuilder();
        int done = 0;
        for (int start = 0; start < ends.length; start++) {
            if (ends[start] > 0 && start >= done) {
                redacted.append(text, done, start).append(REDACTED);
            }
            done = Math.max(done, ends[start]);
        }
        return redacted.append(text, done, text.length()).toString();
    }

    /** Searches as Knuth, Morris and Pratt do: a hostile text would make {@link String#indexOf} take quadratic time. */
    private void search(Reading reading, int decodings, int[] ends) {
        int found = 0;
        for (int at = 0; at < reading.text.length(); at++) {
            found = next(found == secret.length() ? borders[found] : found, reading.text.charAt(at));
            if (found == secret.length()) {
                int start = reading.starts[at + 1 - found];
                ends[start] = Math.max(ends[start], reading.starts[at + 1]);
            }
        }
        if (decodings > 0) {
            ESCAPES.stream()
                    .filter(escape -> escape.matcher(reading.text).find())
                    .forEach(escape -> search(reading.without(escape), decodings - 1, ends));
        }
    }

    /** Returns how many characters of the secret are found when {@code c} comes after {@code found} of them. */
    private int next(int found, char c) {
        int n = found;
        while (n >= 0 && secret.charAt(n) != c) {
            n = borders[n];
        }
        return n + 1;
    }

    /** A text as it was before it was encoded. */
    private static final class Reading {

        private final String text;

        /** Where each character of the text, and its end, is in the text to redact. */
        private final int[] starts;

        Reading(String text, int[] starts) {
            this.text = text;
            this.starts = starts;
        }

        Reading without(Pattern escape) {
            StringBuilder decoded = new StringBuilder();
            int[] at = new int[text.length() + 1];
            Matcher escapes = escape.matcher(text);
            int end = 0;
            while (end < text.length()) {
                at[decoded.length()] = starts[end];
                boolean isEscape = escapes.region(end, text.length()).lookingAt();
                decoded.append(isEscape ? decoded(escapes) : text.charAt(end));
                end = isEscape ? escapes.end() : end + 1;
            }
            at[decoded.length()] = starts[end];
            return new Reading(decoded.toString(), at);
        }

        private static char decoded(MatchResult escape) {
            if (escape.group(1) != null) {
                return (char) Integer.parseInt(escape.group(1), 16);
            }
            String escaped = escape.group();
            return escaped.equals("+") ? ' ' : escaped.charAt(escaped.length() - 1);
        }
    }
}
