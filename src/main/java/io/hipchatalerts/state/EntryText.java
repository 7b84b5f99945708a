package io.hipchatalerts.state;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * An entry as one line of text, for the stores that hold text: {@code v1 VERSION TOLD NEWEST ARRIVAL LAST_SENT|- BEFORE
 * HOLD_END}, with a single {@code -} in the place of the last two when nobody holds the alert. An operator can read it,
 * and equal entries have equal texts, so that a store may compare texts in the place of entries.
 */
final class EntryText {

    private static final String FORMAT = "v1";
    private static final String NONE = "-";

    private EntryText() {}

    /** {@code entry} as text. */
    static String of(Entry entry) {
        AlertRecord record = entry.record();
        return String.join(
                " ",
                FORMAT,
                Long.toString(entry.version()),
                record.told().name(),
                record.newest().toString(),
                Integer.toString(record.arrival()),
                record.lastSent().map(Instant::toString).orElse(NONE),
                record.hold()
                        .map(hold -> hold.before().name() + " " + hold.end())
                        .orElse(NONE));
    }

    /**
     * The entry that {@code text} stands for.
     *
     * @param key where it was found, for the operator who has to look
     * @throws StoreUnavailable when it is not exactly what {@link #of} writes; taken for nothing, it would be overwritten
     */
    static Entry read(String key, String text) {
        Entry entry;
        try {
            entry = entry(text.split(" ", -1));
        } catch (IllegalArgumentException | IndexOutOfBoundsException | DateTimeException cause) {
            throw unreadable(key, cause);
        }
        if (!of(entry).equals(text)) {
            throw unreadable(key, null);
        }
        return entry;
    }

    /** The text itself is not shown: nobody knows what it is. */
    static StoreUnavailable unreadable(String key, Throwable cause) {
        return StoreUnavailable.forOneAlert(new IllegalStateException(
                "what stands under " + key + " was not written by this version of hipchat-alerts; update, or delete it",
                cause));
    }

    /** Lenient where writing the result again shows what was wrong. */
    private static Entry entry(String[] fields) {
        return new Entry(
                new AlertRecord(
                        Told.valueOf(fields[2]),
                        Instant.parse(fields[3]),
                        Integer.parseInt(fields[4]),
                        fields[5].equals(NONE) ? Optional.empty() : Optional.of(Instant.parse(fields[5])),
                        fields[6].equals(NONE)
                                ? Optional.empty()
                                : Optional.of(new AlertRecord.Hold(Told.valueOf(fields[6]), Instant.parse(fields[7])))),
                Long.parseLong(fields[1]));
    }
}
