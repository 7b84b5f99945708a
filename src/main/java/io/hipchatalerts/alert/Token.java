package io.hipchatalerts.alert;

import static java.util.stream.Collectors.joining;

import java.util.regex.Pattern;

/**
 * A secret: HipChat's token or the one that callers must present. It shows itself only to who asks for
 * {@link #value()}, so that no log line, exception or debugger view of a record spills it.
 */
public record Token(String value) {

    /**
     * Whether the token can stand in a header: printable ASCII. A line break in it would let a caller add headers of
     * its own to our request.
     */
    public boolean isPrintable() {
        return value.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    /**
     * {@code text} with this token blotted out, however each of its characters is written: as it is, behind a backslash
     * as in JSON, or percent-encoded.
     */
    public String redactedFrom(String text) {
        String anySpelling = value.chars()
                .mapToObj(c -> "(?:\\\\?" + Pattern.quote(String.valueOf((char) c)) + "|%(?i:" + "%02x".formatted(c)
                        + ")" + (c == ' ' ? "|\\+" : "") + ")")
                .collect(joining());
        return Pattern.compile(anySpelling).matcher(text).replaceAll("***");
    }

    @Override
    public String toString() {
        return "***";
    }
}
