package io.hipchatalerts.alert;

import java.util.Optional;

/**
 * A secret: HipChat's token, or the token that callers must present. Only {@link #value()} shows it, so that no log
 * line, exception or debugger view of a record contains it.
 */
public record Token(String value) {

    /**
     * Returns an error text if the token cannot be sent in a header. A line break would let a caller add headers to the
     * request to HipChat.
     *
     * @param key where the token is set
     */
    public Optional<String> problem(String key) {
        return value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)
                ? Optional.empty()
                : Optional.of(key + " (not shown) contains characters that no token has;"
                        + " allowed are printable ASCII characters");
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
