package io.hipchatalerts.hipchat;

import java.util.regex.Pattern;

/** What HipChat takes as a message, and how it would read it (K §7.2). */
final class MessageText {

    /** The longest message that HipChat takes, in Unicode code points. */
    static final int LONGEST = 10_000;

    /**
     * An opening tag that HipChat renders. Attributes need a value, so that {@code a <b and c> d} is no tag; the
     * possessive quantifiers keep the search linear.
     */
    private static final Pattern TAG = Pattern.compile(
            "<(?:a|b|i|strong|em|br|img|pre|code|ul|ol|li|table|thead|tbody|tfoot|tr|th|td|span)"
                    + "(?:\\s++[a-z-]++\\s*+=\\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\\s\"'<>=]++))*+\\s*+/?>",
            Pattern.CASE_INSENSITIVE);

    private MessageText() {}

    /** {@code message} as it is, or its first code points with an ellipsis for the last. */
    static String cut(String message) {
        return message.codePointCount(0, message.length()) <= LONGEST
                ? message
                : message.substring(0, message.offsetByCodePoints(0, LONGEST - 1)) + "…";
    }

    /** Whether {@code message} would look different as HTML: it holds a tag that HipChat renders. */
    static boolean holdsHtml(String message) {
        return TAG.matcher(message).find();
    }
}
