package io.hipchatalerts.bench.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what happens in other processes, or at a moment: neither of them can wake this one. */
public final class Polling {

    private Polling() {}

    /** Looks once every {@code interval}, and returns whether {@code condition} held within {@code limit}. */
    public static boolean until(Duration limit, Duration interval, BooleanSupplier condition)
            throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(interval.toMillis());
        }
        return true;
    }
}
