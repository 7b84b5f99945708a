package io.hipchatalerts.time;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Runs tasks later. Tests replace it with a clock that jumps. */
@FunctionalInterface
public interface Timer {

    /**
     * Runs {@code task} after {@code delay}, on a thread that may block. Returns at once.
     *
     * @param delay the time until the task runs; less than a millisecond counts as one
     */
    void after(Duration delay, Runnable task);

    /**
     * Returns a timer that runs its tasks on {@code workers}. While they accept no task, it asks them again each second:
     * what is due must not depend on how busy the process was at that moment.
     */
    static Timer on(Vertx vertx, Executor workers) {
        return new Timer() {
            @Override
            public void after(Duration delay, Runnable task) {
                vertx.setTimer(Math.max(1, delay.toMillis()), due -> {
                    try {
                        workers.execute(task);
                    } catch (RejectedExecutionException busy) {
                        after(Duration.ofSeconds(1), task);
                    }
                });
            }
        };
    }
}
