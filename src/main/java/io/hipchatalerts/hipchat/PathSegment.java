package io.hipchatalerts.hipchat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The percent-encoding of one path segment: a room's name must neither end the segment nor begin a query. */
final class PathSegment {

    private PathSegment() {}

    /** Returns {@code text} with all characters except letters, digits and {@code - . _ ~} as UTF-8 percent escapes. */
    static String encode(String text) {
        // Java's form encoding differs in these three places only.
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }
}
