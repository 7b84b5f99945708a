package io.hipchatalerts.bench.load;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Puts load on targets and takes the times. Gatling would take the cores that it shares with the program, and Debian's
 * generators need more than a JDK; none has one schedule for calls to the function and straight to HipChat.
 */
public final class Load {

    /** The usual number of callers. */
    public static final int CALLERS = 8;

    private static final OperatingSystemMXBean OWN = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final Mistakes mistakes;
    private final LongSupplier programCpu;

    /** Makes a load whose calls cost {@code programCpu}. */
    public Load(Mistakes mistakes, LongSupplier programCpu) {
        this.mistakes = mistakes;
        this.programCpu = programCpu;
    }

    /** A steady load on two targets in turn, and how late the generator itself was. */
    public record Steady(LoadResult function, LoadResult straight, LoadResult late) {}

    /** Runs a closed loop for a time: each caller posts as soon as it has its answer. */
    public LoadResult flatOut(Target target, int callers, Duration length) throws InterruptedException {
        return closedLoop(target, callers, Long.MAX_VALUE, length);
    }

    /** Makes this many calls by {@link #CALLERS} callers, unless the time is up before. */
    public LoadResult make(Target target, long calls, Duration limit) throws InterruptedException {
        return closedLoop(target, CALLERS, calls, limit);
    }

    private LoadResult closedLoop(Target target, int callers, long calls, Duration limit) throws InterruptedException {
        AtomicLong left = new AtomicLong(calls);
        Histogram times = LoadResult.histogram();
        long cpu = programCpu.getAsLong();
        long ownCpu = OWN.getProcessCpuTime();
        long start = System.nanoTime();
        inParallel(callers, () -> {
            while (System.nanoTime() - start < limit.toNanos() && left.getAndDecrement() > 0) {
                Call call = target.next();
                long begin = System.nanoTime();
                times.recordValue(answered(target, call) - begin);
            }
        });
        return new LoadResult(
                times, System.nanoTime() - start, programCpu.getAsLong() - cpu, OWN.getProcessCpuTime() - ownCpu);
    }

    /**
     * Runs an open loop: calls are due at fixed moments, in turn to the function and straight to HipChat. Each time counts
     * from the moment at which the call was due, not from the moment at which a caller was free. So a program that stalls
     * pays for all the calls that it kept waiting (no coordinated omission).
     */
    public Steady steady(Target function, Target straight, int callers, int perSecond, Duration duration)
            throws InterruptedException {
        long period = TimeUnit.SECONDS.toNanos(1) / perSecond / 2;
        long calls = duration.toNanos() / period;
        List<Histogram> times = List.of(LoadResult.histogram(), LoadResult.histogram());
        Histogram late = LoadResult.histogram();
        AtomicLong slots = new AtomicLong();
        long cpu = programCpu.getAsLong();
        long ownCpu = OWN.getProcessCpuTime();
        // The callers start before the first call is due.
        long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
        inParallel(callers, () -> {
            long slot;
            while ((slot = slots.getAndIncrement()) < calls) {
                Target target = slot % 2 == 0 ? function : straight;
                Call call = target.next();
                long due = start + slot * period;
                sleepUntil(due);
                late.recordValue(System.nanoTime() - due);
                times.get((int) (slot % 2)).recordValue(answered(target, call) - due);
            }
        });
        long elapsed = System.nanoTime() - start;
        // The generator's own time cannot be divided: both targets are called at the same time.
        long own = (OWN.getProcessCpuTime() - ownCpu) / 2;
        return new Steady(
                new LoadResult(times.get(0), elapsed, programCpu.getAsLong() - cpu, own),
                new LoadResult(times.get(1), elapsed, 0, own),
                new LoadResult(late, elapsed, 0, 0));
    }

    private static void sleepUntil(long due) {
        long left;
        while ((left = due - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    /** Makes a call, checks the answer, and returns the moment at which it came. */
    private long answered(Target target, Call call) {
        Connection connection = null;
        try {
            connection = target.connection();
            String answer = connection.post(call);
            long now = System.nanoTime();
            if (!answer.contains(call.due())) {
                mistakes.add("Due was " + call.due() + ", the answer was: " + answer);
            }
            target.giveBack(connection);
            return now;
        } catch (IOException lost) {
            mistakes.add("No answer: " + lost);
            if (connection != null) {
                connection.close();
            }
            return System.nanoTime();
        }
    }

    private void inParallel(int callers, Runnable work) throws InterruptedException {
        List<Thread> threads = IntStream.range(0, callers)
                .mapToObj(caller -> new Thread(work, "caller " + caller))
                .toList();
        threads.forEach(thread -> {
            thread.setUncaughtExceptionHandler((caller, bug) -> mistakes.add("A caller failed: " + bug));
            thread.start();
        });
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
