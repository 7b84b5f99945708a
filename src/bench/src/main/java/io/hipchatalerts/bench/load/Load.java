package io.hipchatalerts.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Puts load on targets and takes the times. Gatling would take the cores that it shares with the program, and Debian's
 * generators need more than a JDK; none has one schedule for calls to the function and straight to HipChat.
 *
 * @param mistakes counts answers that were not due
 * @param cpu the processor time of the program so far, in nanoseconds
 */
public record Load(Mistakes mistakes, LongSupplier cpu) {

    /** The usual number of callers. */
    public static final int CALLERS = 8;

    /** Times that are exact to a thousandth. */
    private static final int DIGITS = 3;

    /** The result of a closed loop: the times of calls, of the whole, and of the program's processor, in nanoseconds. */
    public record Closed(Histogram times, long elapsed, long cpu) {

        /** Returns the number of calls. */
        public long calls() {
            return times.getTotalCount();
        }

        /** Returns the calls a second. */
        public double perSecond() {
            return calls() * 1e9 / elapsed;
        }

        /** Returns the program's processor time for each call in microseconds. */
        public double cpuMicros() {
            return cpu / 1e3 / calls();
        }
    }

    /** The times of a steady load on two targets in turn, and how late the generator itself was. */
    public record Steady(Histogram function, Histogram straight, Histogram late) {}

    /** Runs a closed loop for a time: each caller posts as soon as it has its answer. */
    public Closed flatOut(Target target, int callers, Duration length) throws InterruptedException {
        return closedLoop(target, callers, Long.MAX_VALUE, length);
    }

    /** Makes this many calls by {@link #CALLERS} callers, unless the time is up before. */
    public Closed make(Target target, long calls, Duration limit) throws InterruptedException {
        return closedLoop(target, CALLERS, calls, limit);
    }

    private Closed closedLoop(Target target, int callers, long calls, Duration limit) throws InterruptedException {
        AtomicLong left = new AtomicLong(calls);
        Histogram times = new ConcurrentHistogram(DIGITS);
        long cpuBefore = cpu.getAsLong();
        long start = System.nanoTime();
        inParallel(callers, () -> {
            while (System.nanoTime() - start < limit.toNanos() && left.getAndDecrement() > 0) {
                Call call = target.next();
                long begin = System.nanoTime();
                times.recordValue(answered(target, call) - begin);
            }
        });
        return new Closed(times, System.nanoTime() - start, cpu.getAsLong() - cpuBefore);
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
        List<Histogram> times = List.of(new ConcurrentHistogram(DIGITS), new ConcurrentHistogram(DIGITS));
        Histogram late = new ConcurrentHistogram(DIGITS);
        AtomicLong slots = new AtomicLong();
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
        return new Steady(times.get(0), times.get(1), late);
    }

    /** Sleeps until a moment of {@link System#nanoTime()}. */
    public static void sleepUntil(long due) {
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
            mistakes.check(call.due(), answer);
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
        List<Thread> threads =
                Stream.generate(() -> new Thread(work)).limit(callers).toList();
        threads.forEach(thread -> {
            thread.setUncaughtExceptionHandler((caller, bug) -> mistakes.add("A caller failed: " + bug));
            thread.start();
        });
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
