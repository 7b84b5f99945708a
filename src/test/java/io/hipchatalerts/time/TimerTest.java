package io.hipchatalerts.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TimerTest {

    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void close() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aTaskRunsAfterItsDelayOnAWorker() {
        CompletableFuture<String> thread = new CompletableFuture<>();
        long start = System.nanoTime();

        Timer.on(VERTX, task -> new Thread(task, "worker").start())
                .after(
                        Duration.ofMillis(30),
                        () -> thread.complete(Thread.currentThread().getName()));

        assertThat(thread.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo("worker");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(30));
    }

    @Test
    void aTaskThatNoWorkerAcceptsRunsLater() {
        AtomicBoolean isBusy = new AtomicBoolean(true);
        Executor workers = task -> {
            if (isBusy.getAndSet(false)) {
                throw new RejectedExecutionException("all workers are busy");
            }
            task.run();
        };
        CompletableFuture<Boolean> ran = new CompletableFuture<>();

        Timer.on(VERTX, workers).after(Duration.ZERO, () -> ran.complete(true));

        assertThat(ran.orTimeout(60, TimeUnit.SECONDS).join()).isTrue();
    }
}
