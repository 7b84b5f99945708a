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

    /** {@code text} with this token blotted out, as it is and as it stands in an address of either dialect. */
    public String blottedOutOf(String text) {
        String asInForms = URLEncoder.encode(value, StandardCharsets.UTF_8);
        String asInRfc3986 = asInForms.replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
        return text.replace(value, "***").replace(asInForms, "***").replace(asInRfc3986, "***");
    }

    @Override
    public String toString() {
        return "***";
    }
}
