package io.hipchatalerts.hipchat;

import java.util.regex.Pattern;

/** The rules for a message's length and format (K §7.2). */
public final class MessageFormat {

    /** The length of the longest message that HipChat accepts, in Unicode code points. */
    public static final int MAX_CODE_POINTS = 10_000;

    /**
     * An opening tag that HipChat renders, or a character reference. Attributes need a value, so that
     * {@code a <b and c> d} is no tag; the possessive quantifiers keep the search linear.
     */
    private static final Pattern HTML = Pattern.compile(
            "&(?:[a-z][a-z0-9]*+|#[0-9]++|#x[0-9a-f]++);"
                    + "|<(?:a|b|i|strong|em|br|img|pre|code|ul|ol|li|table|thead|tbody|tfoot|tr|th|td|span)"
                    + "(?:\\s++[a-z-]++\\s*+=\\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\\s\"'<>=]++))*+\\s*+/?>",
            Pattern.CASE_INSENSITIVE);

    private MessageFormat() {}

    /** Returns {@code message}, cut to 10 000 code points. The last code point of a cut message is an ellipsis. */
    public static String cut(String message) {
        return message.codePointCount(0, message.length()) <= MAX_CODE_POINTS
                ? message
                : message.substring(0, message.offsetByCodePoints(0, MAX_CODE_POINTS - 1)) + "…";
    }

    /** Returns whether {@code message} contains a tag that HipChat renders, or a character reference. */
    static boolean holdsHtml(String message) {
        return HTML.matcher(message).find();
    }
}
