package io.hipchatalerts.delivery;

import io.hipchatalerts.time.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Runs a task at requested moments and at a regular interval, one run at a time. It runs nothing before {@link #start}.
 */
final class Wakes {

    private static final long SHORTEST_MILLIS = 20;

    /** A moment beyond these waits for the next regular run. */
    private static final int MAX_MOMENTS = 10_000;

    private final Runnable task;
    private final InstantSource clock;
    private final Timer timer;
    private final NavigableSet<Instant> moments = new TreeSet<>();
    private Duration longest;
    private Instant next = Instant.MAX;
    private boolean isRunning;

    Wakes(Runnable task, InstantSource clock, Timer timer) {
        this.task = task;
        this.clock = clock;
        this.timer = timer;
    }

    /** Runs the task now, and then at least once every {@code longest}. */
    synchronized void start(Duration longest) {
        this.longest = longest;
        at(clock.instant());
    }

    synchronized void stop() {
        longest = null;
    }

    /** Requests a run at {@code moment}, or soon if that is in the past. */
    synchronized void at(Instant moment) {
        if (longest == null) {
            return;
        }
        moments.add(moment);
        if (moments.size() > MAX_MOMENTS) {
            moments.pollLast();
        }
        if (moment.isBefore(next)) {
            next = moment;
            if (!isRunning) {
                schedule();
            }
        }
    }

    private void schedule() {
        long millis = Math.min(Duration.between(clock.instant(), next).toMillis() + 1, longest.toMillis());
        Instant due = next;
        timer.after(Duration.ofMillis(Math.max(SHORTEST_MILLIS, millis)), () -> run(due));
    }

    private void run(Instant due) {
        synchronized (this) {
            // An earlier moment was requested meanwhile; its run comes first.
            if (longest == null || isRunning || !due.equals(next)) {
                return;
            }
            isRunning = true;
            Instant now = clock.instant();
            moments.headSet(now, true).clear();
            next = now.plus(longest);
            if (!moments.isEmpty() && moments.first().isBefore(next)) {
                next = moments.first();
            }
        }
        try {
            task.run();
        } finally {
            synchronized (this) {
                isRunning = false;
                if (longest != null) {
                    schedule();
                }
            }
        }
    }
}
