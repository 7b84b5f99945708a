package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.soak.Event.End;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The messages that came into the room of an alert. Judges what was lost, repeated or out of order. */
record History(Alert alert, List<Message> messages) {

    /** An event in the room, alone or in a digest; in doubt if the program may not know that it is there. */
    record Message(Event event, Instant at, boolean isInDoubt) {}

    /** Returns whether the room shows another level than the newest. */
    boolean isLost() {
        return !shownAt(Instant.MAX).equals(alert.newest());
    }

    /**
     * Returns whether the room shows another level than it may: that of the newest event that was answered or claimed, or
     * of a newer one whose end nobody knows. A stale event proves that the program considered a newer one.
     */
    boolean isPromiseLost() {
        int promised = 0;
        int considered = 0;
        for (Event event : alert.events) {
            promised = event.end.isPromise() || event.isClaimed ? event.number : promised;
            considered = event.end == End.STALE ? event.number : considered;
        }
        int from = Math.max(promised, considered + 1);
        return from > 1
                && alert.events.stream()
                        .filter(event -> event.number >= from)
                        .filter(event -> event.end != End.UNREACHED && event.end != End.STALE)
                        .noneMatch(event -> event.level.equals(shownAt(Instant.MAX)));
    }

    /** Returns the number of events that were answered as sent and are in no message. */
    long unsent() {
        return alert.events.stream()
                .filter(event -> event.end == End.SENT)
                .filter(event -> messages.stream().noneMatch(message -> message.event() == event))
                .count();
    }

    /** Returns the number of events that were answered as unchanged, and the room never showed their level meanwhile. */
    long wronglyUnchanged() {
        return alert.events.stream()
                .filter(event -> event.end == End.UNCHANGED && !wasShown(event))
                .count();
    }

    private boolean wasShown(Event event) {
        return shownAt(event.posted).equals(event.level)
                || messages.stream()
                        .filter(message -> !message.at().isBefore(event.posted))
                        .filter(message -> !message.at().isAfter(event.answered))
                        .anyMatch(message -> message.event().level.equals(event.level));
    }

    private String shownAt(Instant moment) {
        return messages.stream()
                .filter(message -> message.at().isBefore(moment))
                .reduce((before, next) -> next)
                .map(message -> message.event().level)
                .orElse("OK");
    }

    /** Returns the number of messages that put an older level in the place of a newer one. */
    long disordered() {
        return IntStream.range(1, messages.size())
                .filter(i ->
                        replaces(messages.get(i).event(), messages.get(i - 1).event()))
                .count();
    }

    private static boolean replaces(Event event, Event before) {
        return event.number < before.number && !event.level.equals(before.level);
    }

    /** Returns the number of messages of changes that were in the room already. */
    long repeated() {
        return messages.size()
                - messages.stream()
                        .map(message -> message.event().change)
                        .distinct()
                        .count();
    }

    /** Returns the number of repeats that are explained. */
    long repeatsAllowed() {
        return alert.repeatsAllowed.get()
                + messages.stream().filter(Message::isInDoubt).count();
    }

    /** Returns the number of repeats that nothing explains. */
    long repeatedBeyond() {
        return Math.max(0, repeated() - repeatsAllowed());
    }

    @Override
    public String toString() {
        return alert.id + ": events "
                + alert.events.stream()
                        .map(it -> it.number + " " + it.level + " " + it.end + (it.isClaimed ? " claimed" : ""))
                        .collect(Collectors.joining(", "))
                + "; messages "
                + messages.stream()
                        .map(it -> it.event().number + " " + it.event().level)
                        .collect(Collectors.joining(", "))
                + "; repeats allowed " + repeatsAllowed();
    }
}
