package io.hipchatalerts.alert;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;

/** Bad input: it is not an alert, or lacks something that is needed to send it. Answered with HTTP status 400. */
public final class BadAlert extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a stack trace: the input is wrong, not the code.
     *
     * @param detail names the error and its correction; contains no token
     */
    public BadAlert(String detail) {
        super(detail, null, false, false);
    }

    /** Returns where a text is not JSON or YAML. The parser's own words quote the text, which may contain a token. */
    public static String place(JsonProcessingException malformed) {
        JsonLocation place = malformed.getLocation();
        return place == null ? "" : "; the error is at line " + place.getLineNr() + ", column " + place.getColumnNr();
    }

    /** Returns {@code text} in quotes, cut for an answer or a log line, without control characters and line ends. */
    public static String quote(String text) {
        return quote(text, 80);
    }

    /** Returns the same, of at most {@code most} characters. */
    public static String quote(String text, int most) {
        int end = Math.min(text.length(), most);
        String shown = Unicode.mended(text.substring(0, end)).replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "\uFFFD");
        return '"' + shown + (end < text.length() ? "…" : "") + '"';
    }
}
