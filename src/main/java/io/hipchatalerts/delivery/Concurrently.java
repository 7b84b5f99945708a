package io.hipchatalerts.delivery;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Runs tasks at the same time. The caller runs each task that no other thread has begun. Otherwise callers that occupy
 * all threads of a pool could wait for each other forever.
 */
public final class Concurrently {

    private Concurrently() {}

    /**
     * Runs all tasks and waits for every one of them, even if one throws or the process is stopping: the result of each
     * must be logged. So each task must end by itself.
     *
     * @param tasks the tasks; each runs exactly once
     * @param helpers threads that may run tasks; the caller needs none of them
     * @return the results in the order of the tasks
     * @throws java.util.concurrent.CompletionException with the exception of the first failed task as its cause
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
            // The caller runs it.
        }
    }

    /** Work that runs once, on the first thread that reaches it. */
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
