package io.hipchatalerts.alert;

/**
 * A secret: HipChat's token, or the token that callers must present. Only {@link #value()} shows it, so that no log
 * line, exception or debugger view of a record contains it.
 */
public record Token(String value) {

    /**
     * Returns whether the token can stand in a header, which takes printable ASCII. A line break would let a caller add
     * headers to the request to HipChat.
     */
    public boolean isPrintable() {
        return value.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    /**
     * Returns {@code text} without this token. Each character of the token may be plain, escaped as in JSON, or
     * percent-encoded.
     */
    public String redactedFrom(String text) {
        return new Redaction(value).of(text);
    }

    @Override
    public String toString() {
        return Redaction.REDACTED;
    }
}
