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
}
