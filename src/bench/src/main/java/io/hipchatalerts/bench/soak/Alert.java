package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.soak.Event.End;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The events of one alert and the messages in its room. It judges what was lost, repeated or out of order. */
final class Alert {

    final String id;
    final String room;
    private final Map<Integer, Event> events = new TreeMap<>();
    private final List<Message> messages = new ArrayList<>();
    private Event newest;
    private int repeatsAllowed;
    private int outdated;

    /** An event in the room, alone or in a digest. */
    record Message(Event event, long at) {}

    Alert(String id, String room) {
        this.id = id;
        this.room = room;
    }

    /** Returns the level of the newest event. */
    synchronized String newest() {
        return newest == null ? "OK" : newest.level;
    }

    /** Makes the next event. */
    synchronized Event event(int number, String level) {
        String previous = newest();
        int change = newest == null ? 0 : newest.change;
        newest = new Event(this, number, level, previous, level.equals(previous) ? change : change + 1);
        events.put(number, newest);
        return newest;
    }

    synchronized Event find(int number) {
        return events.get(number);
    }

    synchronized List<Event> events() {
        return List.copyOf(events.values());
    }

    synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /** Records a message in the room; the program may not know of it if it was accepted unclearly. */
    synchronized void accepted(Event event, boolean unclearly) {
        messages.add(new Message(event, System.currentTimeMillis()));
        repeatsAllowed += unclearly ? 1 : 0;
        outdated += event.change < newest.change ? 1 : 0;
    }

    /** Allows one repeat, which something else than the program explains. */
    synchronized void mayBeRepeated() {
        repeatsAllowed++;
    }

    synchronized int repeatsAllowed() {
        return repeatsAllowed;
    }

    /** Returns the number of messages that were older than the newest change already when they were sent. */
    synchronized int outdated() {
        return outdated;
    }

    /** Returns the time of the last message, or {@code otherwise} without one. */
    synchronized long lastAt(long otherwise) {
        return messages.isEmpty()
                ? otherwise
                : messages.get(messages.size() - 1).at();
    }

    private String shown() {
        return messages.isEmpty() ? "OK" : messages.get(messages.size() - 1).event().level;
    }

    /** Returns whether the room showed {@code level} at any time since it had so many messages. */
    synchronized boolean showed(String level, int count) {
        return (count == 0 && level.equals("OK"))
                || messages.subList(Math.max(0, count - 1), messages.size()).stream()
                        .anyMatch(message -> message.event().level.equals(level));
    }

    /** Returns whether the room shows another level than the newest. */
    synchronized boolean isLost() {
        return !shown().equals(newest());
    }

    /**
     * Returns whether the room shows another level than it may: that of the newest event that was answered or claimed, or
     * of a newer one whose end nobody knows. A stale event proves that the program considered a newer one.
     */
    synchronized boolean isPromiseLost() {
        int promised = 0;
        int considered = 0;
        for (Event event : events.values()) {
            boolean isAnswered = event.end == End.SENT || event.end == End.KEPT;
            promised = isAnswered || event.isClaimed ? event.number : promised;
            considered = event.end == End.STALE ? event.number : considered;
        }
        int from = Math.max(promised, considered + 1);
        return from > 1
                && events.values().stream()
                        .filter(event -> event.number >= from)
                        .filter(event -> event.end != End.UNREACHED && event.end != End.STALE)
                        .noneMatch(event -> event.level.equals(shown()));
    }

    /** Returns the number of events that were answered as sent and are in no message. */
    synchronized long unsent() {
        Set<Event> sent = messages.stream().map(Message::event).collect(Collectors.toSet());
        return events.values().stream()
                .filter(event -> event.end == End.SENT && !sent.contains(event))
                .count();
    }

    /** Returns the number of messages that put an older level in the place of a newer one. */
    synchronized int disordered() {
        int disordered = 0;
        for (int i = 1; i < messages.size(); i++) {
            Event before = messages.get(i - 1).event();
            Event event = messages.get(i).event();
            disordered += event.number < before.number && !event.level.equals(before.level) ? 1 : 0;
        }
        return disordered;
    }

    /** Returns the number of messages of changes that were in the room already. */
    synchronized int repeated() {
        Set<Integer> changes = new HashSet<>();
        messages.forEach(message -> changes.add(message.event().change));
        return messages.size() - changes.size();
    }

    /** Returns the number of repeats that nothing explains. */
    synchronized int repeatedBeyond() {
        return Math.max(0, repeated() - repeatsAllowed);
    }

    @Override
    public synchronized String toString() {
        return id + ": events "
                + events.values().stream()
                        .map(it -> it.number + " " + it.level + " " + it.end + (it.isClaimed ? " claimed" : ""))
                        .collect(Collectors.joining(", "))
                + "; messages "
                + messages.stream()
                        .map(it -> it.event().number + " " + it.event().level)
                        .collect(Collectors.joining(", "))
                + "; repeats allowed " + repeatsAllowed;
    }
}
