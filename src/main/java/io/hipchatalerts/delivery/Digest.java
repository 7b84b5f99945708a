package io.hipchatalerts.delivery;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.hipchat.MessageFormat;
import io.hipchatalerts.state.PendingAlert;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One message for several alerts of a room (contract §5a).
 *
 * @param text the message
 * @param alerts the alerts that it covers, in the order of its lines
 */
record Digest(String text, List<PendingAlert> alerts) {

    /** The order within a room: worst level first, then oldest event time, then alert id. */
    static final Comparator<PendingAlert> ORDER = Comparator.comparing(Digest::levelOf, Comparator.reverseOrder())
            .thenComparing(alert -> alert.pending().change().time())
            .thenComparing(alert -> alert.alert().id());

    private static final int MAX_MESSAGE = 200;
    private static final Pattern WHITE_SPACE =
            Pattern.compile("[\\p{IsWhite_Space}\\p{Cc}]+", Pattern.UNICODE_CHARACTER_CLASS);

    /** Returns a digest of as many alerts as fit into one message, in {@link #ORDER}. */
    static Digest of(List<PendingAlert> alerts) {
        List<PendingAlert> sorted = alerts.stream().sorted(ORDER).toList();
        List<PendingAlert> covered = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        int length = 0;
        for (PendingAlert alert : sorted) {
            String line = line(alert);
            int longer = length + 1 + codePoints(line);
            // The first line grows with the number of alerts, so its length is computed each time.
            List<PendingAlert> more = new ArrayList<>(covered);
            more.add(alert);
            if (codePoints(title(more)) + longer > MessageFormat.MAX_CODE_POINTS) {
                break;
            }
            covered.add(alert);
            lines.add(line);
            length = longer;
        }
        return new Digest(
                title(covered) + lines.stream().map(line -> "\n" + line).collect(joining()), List.copyOf(covered));
    }

    /** Returns the worst level in the digest. */
    Level level() {
        return levelOf(alerts.get(0));
    }

    private static String title(List<PendingAlert> alerts) {
        Map<Level, Integer> counts = new EnumMap<>(Level.class);
        alerts.forEach(alert -> counts.merge(levelOf(alert), 1, Integer::sum));
        return alerts.size() + " alerts changed: "
                + counts.keySet().stream()
                        .sorted(Collections.reverseOrder())
                        .map(level -> counts.get(level) + " " + level)
                        .collect(joining(", "));
    }

    private static String line(PendingAlert alert) {
        String message = onOneLine(alert.alert().message());
        if (message.isEmpty()) {
            message = onOneLine(alert.alert().id() + " is " + levelOf(alert));
        }
        return levelOf(alert) + " " + cut(message);
    }

    private static String onOneLine(String text) {
        return WHITE_SPACE.matcher(text).replaceAll(" ").trim();
    }

    private static String cut(String message) {
        return codePoints(message) <= MAX_MESSAGE
                ? message
                : message.substring(0, message.offsetByCodePoints(0, MAX_MESSAGE - 1)) + "…";
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    private static Level levelOf(PendingAlert alert) {
        return alert.pending().change().level();
    }
}
