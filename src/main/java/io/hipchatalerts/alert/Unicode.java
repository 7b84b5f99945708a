package io.hipchatalerts.alert;

/** Finds halves of surrogate pairs, which JSON's escapes can contain but UTF-8 cannot. */
public final class Unicode {

    private static final int REPLACEMENT = 0xfffd;

    private Unicode() {}

    /** Returns whether every surrogate in {@code text} has its other half. */
    public static boolean isWhole(String text) {
        return text.codePoints().noneMatch(Unicode::isHalf);
    }

    /** Returns {@code text} with U+FFFD for each lone half, so that it can be sent. */
    public static String mended(String text) {
        return isWhole(text)
                ? text
                : text.codePoints()
                        .map(c -> isHalf(c) ? REPLACEMENT : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    private static boolean isHalf(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
