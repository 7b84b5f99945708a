package io.hipchatalerts.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that jumps where the real one makes its threads wait: hours of retries pass in no time, the same each run. */
public final class VirtualTime implements InstantSource, Pause {

    private final AtomicReference<Instant> now;
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();

    /** A clock that stands at {@code start} until somebody pauses. */
    public VirtualTime(Instant start) {
        now = new AtomicReference<>(start);
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    @Override
    public void pause(Duration length) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while it would sleep for " + length);
        }
        pauses.add(length);
        if (!length.isNegative()) {
            pass(length);
        }
    }

    /** Moves the clock on, as work does that takes its time. */
    public void pass(Duration length) {
        now.updateAndGet(instant -> instant.plus(length));
    }

    /** Every pause so far, in order. */
    public List<Duration> pauses() {
        return List.copyOf(pauses);
    }
}
