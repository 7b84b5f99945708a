package io.hipchatalerts.bench.soak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An alert, its events, oldest first, and the repeats of its messages that something else than the program explains. */
final class Alert {

    final String id;
    final String room;
    final List<Event> events = new CopyOnWriteArrayList<>();
    final AtomicInteger repeatsAllowed = new AtomicInteger();

    Alert(String id, String room) {
        this.id = id;
        this.room = room;
    }

    /** Returns the level of the newest event. */
    String newest() {
        return events.isEmpty() ? "OK" : events.get(events.size() - 1).level;
    }

    /** Makes the next event. One thread makes all. */
    Event event(int number, String level) {
        String previous = newest();
        int change = events.isEmpty() ? 0 : events.get(events.size() - 1).change;
        Event event = new Event(this, number, level, previous, level.equals(previous) ? change : change + 1);
        events.add(event);
        return event;
    }
}
