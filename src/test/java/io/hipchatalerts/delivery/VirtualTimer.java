package io.hipchatalerts.delivery;

import io.hipchatalerts.time.Timer;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** A timer in virtual time: its tasks run, in order, while the test lets time pass. */
final class VirtualTimer implements Timer {

    /** No test needs as many; a timer that wakes too often ends with an error. */
    private static final int TOO_MANY = 10_000;

    private record Entry(Instant at, int number, Runnable task) {}

    private final VirtualTime time;
    private final Queue<Entry> entries =
            new PriorityQueue<>(Comparator.comparing(Entry::at).thenComparing(Entry::number));
    private int count;

    VirtualTimer(VirtualTime time) {
        this.time = time;
    }

    @Override
    public void after(Duration delay, Runnable task) {
        if (count++ > TOO_MANY) {
            throw new AssertionError("too many wakes");
        }
        entries.add(new Entry(time.instant().plus(delay), count, task));
    }

    /** Lets time pass, and runs what is due meanwhile. */
    void pass(Duration length) {
        Instant end = time.instant().plus(length);
        while (!entries.isEmpty() && !entries.peek().at().isAfter(end)) {
            Entry next = entries.remove();
            moveTo(next.at());
            next.task().run();
        }
        moveTo(end);
    }

    /** Returns how many times a task was put on the timer. */
    int count() {
        return count;
    }

    private void moveTo(Instant moment) {
        if (time.instant().isBefore(moment)) {
            time.pass(Duration.between(time.instant(), moment));
        }
    }
}
