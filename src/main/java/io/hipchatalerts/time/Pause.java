package io.hipchatalerts.time;

import java.time.Duration;

/** How a thread waits. Tests put a clock that jumps in its place. */
@FunctionalInterface
public interface Pause {

    /**
     * Waits.
     *
     * @param length how long; zero or less returns at once
     * @throws InterruptedException when the process is going down
     */
    void pause(Duration length) throws InterruptedException;

    /** Waits, and says whether it has: false when the process is going down, which the thread stays marked with. */
    default boolean isOver(Duration length) {
        try {
            pause(length);
            return true;
        } catch (InterruptedException goingDown) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
