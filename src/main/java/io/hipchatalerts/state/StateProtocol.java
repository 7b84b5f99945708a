package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.outcome.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * State changes only, as a pure function: (record, event or ending, now) to (decision, next record). Two things keep
 * it right through crashes and reordering, and each is needed: the told level is unknown from the claim until a clear
 * answer, and the newest event time is kept, with how many events had it. A third, that only the holder of a claim may
 * settle it, lies in the version that every swap compares.
 */
public final class StateProtocol {

    private StateProtocol() {}

    /**
     * Whether an event is news to its room.
     *
     * @param known the record as the store has it; empty when it has none
     * @param event the event
     * @param now by the clock that {@code holdEnd} was read from
     * @param holdEnd until when a delivery that begins now would hold the alert
     */
    public static Decision decide(Optional<AlertRecord> known, Change event, Instant now, Instant holdEnd) {
        AlertRecord record =
                known.orElse(new AlertRecord(Told.NOTHING, Instant.MIN, 1, Optional.empty(), Optional.empty()));
        boolean ofNewestTime = event.time().equals(record.newest());
        int arrival = event.arrival() > 0 ? event.arrival() : ofNewestTime ? record.arrival() + 1 : 1;
        boolean older = ofNewestTime ? arrival < record.arrival() : event.time().isBefore(record.newest());
        if (record.isHeldAt(now) && !older) {
            return new Decision.Wait(record.hold().orElseThrow().end());
        }
        if (older) {
            return new Decision.Suppress(Reason.STALE, record);
        }
        if (isNews(record, event)) {
            AlertRecord.Hold hold = new AlertRecord.Hold(record.told(), holdEnd);
            return new Decision.Send(
                    new AlertRecord(Told.UNKNOWN, event.time(), arrival, record.lastSent(), Optional.of(hold)));
        }
        return new Decision.Suppress(
                Reason.UNCHANGED,
                new AlertRecord(record.told(), event.time(), arrival, record.lastSent(), Optional.empty()));
    }

    /**
     * The record after a delivery.
     *
     * @param claimed the record that {@link Decision.Send} had written
     * @param level the event's level
     * @param ending how the delivery ended
     */
    public static AlertRecord settle(AlertRecord claimed, Level level, Ending ending) {
        Told told =
                switch (ending) {
                    case ACCEPTED -> Told.of(level);
                    case NOT_ACCEPTED -> claimed.hold().orElseThrow().before();
                    case UNCLEAR -> Told.UNKNOWN;
                };
        Optional<Instant> lastSent = ending == Ending.ACCEPTED ? Optional.of(claimed.newest()) : claimed.lastSent();
        return new AlertRecord(told, claimed.newest(), claimed.arrival(), lastSent, Optional.empty());
    }

    /**
     * The record after somebody without a hold told the room, or may have: which message came last is unknown now, and
     * so is the told level. For records that no delivery holds; a held one is unknown already.
     *
     * @param known the record as the store has it; empty when it has none
     * @param toldAt the event time of what may have been told; it counts as no further arrival, for what was told may
     *     be an event that is counted already and still waits
     */
    public static AlertRecord distrusted(Optional<AlertRecord> known, Instant toldAt) {
        Optional<AlertRecord> newer = known.filter(record -> !record.newest().isBefore(toldAt));
        return new AlertRecord(
                Told.UNKNOWN,
                newer.map(AlertRecord::newest).orElse(toldAt),
                newer.map(AlertRecord::arrival).orElse(1),
                known.flatMap(AlertRecord::lastSent),
                Optional.empty());
    }

    private static boolean isNews(AlertRecord record, Change event) {
        return switch (record.told()) {
            // A first OK is no news, unless Kapacitor knows of trouble before it (K §2.3).
            case NOTHING ->
                event.level() != Level.OK
                        || event.previousLevel()
                                .filter(previous -> previous != Level.OK)
                                .isPresent();
            case UNKNOWN -> true;
            case OK, INFO, WARNING, CRITICAL ->
                record.told() != Told.of(event.level()) || isReminderDue(record.lastSent(), event);
        };
    }

    private static boolean isReminderDue(Optional<Instant> lastSent, Change event) {
        return event.level() != Level.OK
                && event.interval()
                        .flatMap(interval -> lastSent.map(
                                sent -> Duration.between(sent, event.time()).compareTo(interval) >= 0))
                        .orElse(false);
    }
}
