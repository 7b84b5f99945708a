package io.hipchatalerts.time;

import java.time.Duration;

/** Makes the current thread wait. Tests replace it with a clock that jumps. */
@FunctionalInterface
public interface Pause {

    /**
     * Waits for {@code length}.
     *
     * @param length the time to wait; zero or less returns at once
     * @throws InterruptedException when the process is stopping
     */
    void pause(Duration length) throws InterruptedException;

    /**
     * Waits for {@code length}. Returns false, and keeps the thread's interrupt flag set, when the process is stopping.
     */
    default boolean isOver(Duration length) {
        try {
            pause(length);
            return true;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
