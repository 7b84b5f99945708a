package io.hipchatalerts.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Runs a task at the moments that it is asked for, one run after the other, and at least every so often. It runs nothing
 * before it is started.
 */
final class Wakes {

    private static final Duration SHORTEST = Duration.ofMillis(20);

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

    /** Runs the task now, and from now on every {@code longest} at least. */
    synchronized void start(Duration longest) {
        this.longest = longest;
        at(clock.instant());
    }

    synchronized void stop() {
        longest = null;
    }

    /** Asks for a run at {@code moment}, or soon if that is past. */
    synchronized void at(Instant moment) {
        if (longest != null && moment.isBefore(next)) {
            next = moment;
            Duration delay = Duration.between(clock.instant(), moment);
            long millis = Math.max(SHORTEST.toMillis(), Math.min(delay.toMillis() + 1, longest.toMillis()));
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, executor)
                    .execute(() -> run(moment));
        }
    }

    private void run(Instant moment) {
        synchronized (this) {
            if (longest == null || isRunning || !moment.equals(next)) {
                return;
            }
            isRunning = true;
            next = Instant.MAX;
        }
        try {
            task.run();
        } finally {
            synchronized (this) {
                isRunning = false;
                if (longest != null) {
                    at(clock.instant().plus(longest));
                }
            }
        }
    }
}
