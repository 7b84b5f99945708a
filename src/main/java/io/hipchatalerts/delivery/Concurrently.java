package io.hipchatalerts.delivery;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Runs tasks at the same time. The caller does itself what no other thread has begun: callers that all hold a thread of
 * the pool that they wait for would otherwise wait for each other, and for ever.
 */
public final class Concurrently {

    private Concurrently() {}

    /**
     * Runs all tasks and waits for every one of them, even where one throws or the process is going down: what they did
     * has to be written down. So each has to end by itself.
     *
     * @param tasks what is to be done
     * @param helpers threads that may take part; none of them has to
     * @return the results in the order of the tasks
     * @throws java.util.concurrent.CompletionException around what the first task that threw has thrown
     */
    public static <T> List<T> all(List<Supplier<T>> tasks, Executor helpers) {
        List<Task<T>> all = tasks.stream()
                .map(work -> new Task<>(work, new AtomicBoolean(), new CompletableFuture<>()))
                .toList();
        all.stream().skip(1).forEach(task -> offer(task, helpers));
        all.forEach(Task::run);
        CompletableFuture.allOf(all.stream().map(Task::result).toArray(CompletableFuture[]::new))
                .join();
        return all.stream().map(task -> task.result().join()).toList();
    }

    private static void offer(Runnable task, Executor helpers) {
        try {
            helpers.execute(task);
        } catch (RejectedExecutionException noHelper) {
            // The caller does it.
        }
    }

    /** Work that is done once, by whoever comes first. */
    private record Task<T>(Supplier<T> work, AtomicBoolean begun, CompletableFuture<T> result) implements Runnable {

        @Override
        public void run() {
            if (begun.compareAndSet(false, true)) {
                try {
                    result.complete(work.get());
                } catch (RuntimeException | Error thrown) {
                    result.completeExceptionally(thrown);
                }
            }
        }
    }
}
