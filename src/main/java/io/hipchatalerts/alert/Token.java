package io.hipchatalerts.alert;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

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

    /** {@code text} with this token blotted out, as it is and as it stands in an address. */
    public String blottedOutOf(String text) {
        return text.replace(value, "***").replace(URLEncoder.encode(value, StandardCharsets.UTF_8), "***");
    }

    @Override
    public String toString() {
        return "***";
    }
}
