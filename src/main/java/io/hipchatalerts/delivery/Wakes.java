package io.hipchatalerts.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Runs a task at requested moments and at a regular interval, one run at a time. It runs nothing before {@link #start}.
 */
final class Wakes {

    private static final long SHORTEST_MILLIS = 20;

    private final Runnable task;
    private final InstantSource clock;
    private final Executor executor;
    private Duration longest;
    private Instant next = Instant.MAX;
    private boolean isRunning;

    Wakes(Runnable task, InstantSource clock, Executor executor) {
        this.task = task;
        this.clock = clock;
        this.executor = executor;
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
        if (longest != null && moment.isBefore(next)) {
            next = moment;
            if (!isRunning) {
                schedule();
            }
        }
    }

    private void schedule() {
        long millis = Math.min(Duration.between(clock.instant(), next).toMillis() + 1, longest.toMillis());
        Instant due = next;
        CompletableFuture.delayedExecutor(Math.max(SHORTEST_MILLIS, millis), TimeUnit.MILLISECONDS, executor)
                .execute(() -> run(due));
    }

    private void run(Instant due) {
        synchronized (this) {
            // An earlier moment was requested meanwhile; its run comes first.
            if (longest == null || isRunning || !due.equals(next)) {
                return;
            }
            isRunning = true;
            next = clock.instant().plus(longest);
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
