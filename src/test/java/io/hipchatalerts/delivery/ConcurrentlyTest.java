package io.hipchatalerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConcurrentlyTest {

    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    @Test
    void noTaskWaitsForAnother() {
        CyclicBarrier together = new CyclicBarrier(3);
        Supplier<String> meets = () -> {
            try {
                return "met " + together.await(20, TimeUnit.SECONDS) / 3;
            } catch (Exception alone) {
                return "alone";
            }
        };

        assertThat(Concurrently.all(List.of(meets, meets, meets), pool)).containsOnly("met 0");
    }

    @Test
    void theResultsAreInTheOrderOfTheTasks() {
        List<Supplier<Integer>> tasks = IntStream.range(0, 50)
                .<Supplier<Integer>>mapToObj(number -> () -> number)
                .toList();

        assertThat(Concurrently.all(tasks, pool))
                .isEqualTo(IntStream.range(0, 50).boxed().toList());
    }

    @Test
    void callersOnEveryThreadOfThePoolDoNotDeadlock() throws Exception {
        CyclicBarrier allThreadsHeld = new CyclicBarrier(2);
        AtomicInteger done = new AtomicInteger();
        List<Supplier<Integer>> tasks = List.of(done::incrementAndGet, done::incrementAndGet);
        Runnable caller = () -> {
            try {
                allThreadsHeld.await();
            } catch (Exception broken) {
                throw new IllegalStateException(broken);
            }
            Concurrently.all(tasks, pool);
        };

        var one = pool.submit(caller);
        var other = pool.submit(caller);

        one.get(20, TimeUnit.SECONDS);
        other.get(20, TimeUnit.SECONDS);
        assertThat(done).hasValue(4);
    }

    @Test
    void withoutHelpersTheCallerRunsEachTaskOnce() {
        List<Integer> done = new ArrayList<>();
        List<Supplier<Boolean>> tasks = List.of(() -> done.add(1), () -> done.add(2), () -> done.add(3));

        Concurrently.all(tasks, refused -> {
            throw new RejectedExecutionException();
        });

        assertThat(done).containsExactly(1, 2, 3);
    }

    @Test
    void aFailedTaskDoesNotStopTheOthers() {
        CountDownLatch thrown = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        Supplier<Integer> broken = () -> {
            thrown.countDown();
            throw new IllegalArgumentException("broken");
        };
        Supplier<Integer> slow = () -> {
            try {
                assertThat(thrown.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException goingDown) {
                Thread.currentThread().interrupt();
            }
            return ended.incrementAndGet();
        };

        assertThatThrownBy(() -> Concurrently.all(List.of(broken, slow, slow), pool))
                .isInstanceOf(CompletionException.class)
                .hasCause(new IllegalArgumentException("broken"));
        assertThat(ended).hasValue(2);
    }

    @Test
    void anInterruptedCallerStillWaitsAndStaysInterrupted() {
        CountDownLatch begun = new CountDownLatch(1);
        Supplier<String> interrupts = () -> {
            Thread.currentThread().interrupt();
            return "first";
        };
        Supplier<String> other = () -> {
            begun.countDown();
            return "second";
        };

        assertThat(Concurrently.all(List.of(interrupts, other), pool)).containsExactly("first", "second");
        assertThat(Thread.interrupted()).isTrue();
    }
}
