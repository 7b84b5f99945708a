package io.hipchatalerts.alert;

/** Text that JSON's escapes can hold but UTF-8 cannot: halves of surrogate pairs. */
public final class Unicode {

    private static final int REPLACEMENT = 0xfffd;

    private Unicode() {}

    /** Whether every surrogate in {@code text} has its other half. */
    public static boolean isWhole(String text) {
        return text.codePoints().noneMatch(Unicode::isHalf);
    }

    /** {@code text} with U+FFFD for each lone half: better told with a blot than not told. */
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
