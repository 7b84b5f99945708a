package io.hipchatalerts.alert;

/** The caller sent something that cannot be an alert, or cannot be told: HTTP status 400. */
public final class BadAlert extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Bad input, which has no use for a stack trace.
     *
     * @param detail a sentence for the caller that says what to change; never holds a token
     */
    public BadAlert(String detail) {
        super(detail, null, false, false);
    }

    /** What the caller sent, in quotes, short enough for an answer and a log line. */
    public static String quote(String text) {
        int end = Math.min(text.length(), 80);
        return '"' + Unicode.mended(text.substring(0, end)) + (end < text.length() ? "…" : "") + '"';
    }
}
