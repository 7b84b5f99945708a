package io.hipchatalerts.alert;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Removes a secret from texts with the search of Knuth, Morris and Pratt, which takes linear time. A text can be read in
 * several ways: {@code %2F} is a slash or three characters.
 */
final class Redaction {

    static final String REDACTED = "***";

    /** Only a secret that repeats itself has more readings at one place, and the search falls back to those. */
    private static final int MOST_READINGS = 8;

    private final String secret;

    /** For each {@code n}: the length of the longest border of the secret's first {@code n} characters; -1 for none. */
    private final int[] borders;

    /** The same, for the longest border that another character follows. */
    private final int[] fallbacks;

    Redaction(String secret) {
        this.secret = secret;
        this.borders = new int[secret.length() + 1];
        this.fallbacks = new int[secret.length()];
        borders[0] = -1;
        for (int n = 0; n < secret.length(); n++) {
            int border = borders[n];
            boolean isSame = border >= 0 && secret.charAt(border) == secret.charAt(n);
            fallbacks[n] = isSame ? fallbacks[border] : border;
            borders[n + 1] = next(border, secret.charAt(n));
        }
    }

    String of(String text) {
        StringBuilder redacted = new StringBuilder();
        int done = 0;
        // For each position: how many characters of the secret may end there, and the last of them.
        Map<Integer, NavigableMap<Integer, Reading>> found = new HashMap<>();
        for (int at = 0; at <= text.length(); at++) {
            NavigableMap<Integer, Reading> here =
                    Optional.ofNullable(found.remove(at)).orElseGet(TreeMap::new);
            Reading last = here.get(secret.length());
            if (last != null) {
                int start = start(last, done);
                if (start >= done) {
                    redacted.append(text, done, start).append(REDACTED);
                }
                done = at;
            }
            while (here.size() > MOST_READINGS) {
                here.pollFirstEntry();
            }
            if (here.isEmpty()) {
                here.put(0, null);
            }
            for (Reading reading : readings(text, at)) {
                here.descendingMap().forEach((n, before) -> {
                    int more = next(n, reading.c);
                    if (more > 0) {
                        found.computeIfAbsent(reading.end, first -> new TreeMap<>())
                                .putIfAbsent(more, reading.after(before));
                    }
                });
            }
        }
        return redacted.append(text, done, text.length()).toString();
    }

    /** Returns how many characters of the secret are found when {@code c} comes after {@code found} of them. */
    private int next(int found, char c) {
        int n = found == secret.length() ? borders[found] : found;
        while (n >= 0 && secret.charAt(n) != c) {
            n = fallbacks[n];
        }
        return n + 1;
    }

    /** Returns where the secret starts that ends with {@code last}, or any place before {@code done}. */
    private int start(Reading last, int done) {
        Reading first = last;
        for (int n = 1; n < secret.length() && first.start >= done; n++) {
            first = first.before;
        }
        return first.start;
    }

    private static List<Reading> readings(String text, int at) {
        if (at == text.length()) {
            return List.of();
        }
        char c = text.charAt(at);
        Reading plain = new Reading(c, at, at + 1);
        return switch (c) {
            case '+' -> List.of(plain, new Reading(' ', at, at + 1));
            case '%' -> Stream.concat(Stream.of(plain), hex(text, at, 1, 2)).toList();
            case '\\' ->
                at + 1 == text.length()
                        ? List.of(plain)
                        : Stream.concat(
                                        Stream.of(plain, new Reading(text.charAt(at + 1), at, at + 2)),
                                        text.charAt(at + 1) == 'u' ? hex(text, at, 2, 4) : Stream.of())
                                .toList();
            default -> List.of(plain);
        };
    }

    private static Stream<Reading> hex(String text, int at, int skipped, int digits) {
        int end = at + skipped + digits;
        if (end > text.length()) {
            return Stream.of();
        }
        String hex = text.substring(at + skipped, end);
        return hex.chars().allMatch(HexFormat::isHexDigit)
                ? Stream.of(new Reading((char) Integer.parseInt(hex, 16), at, end))
                : Stream.of();
    }

    /** A character as the text between {@code start} and {@code end} spells it, and the one before it. */
    private record Reading(char c, int start, int end, Reading before) {

        Reading(char c, int start, int end) {
            this(c, start, end, null);
        }

        Reading after(Reading before) {
            return new Reading(c, start, end, before);
        }
    }
}
