package io.hipchatalerts.state.store;

import io.hipchatalerts.state.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A store that does to each call what a network can do to it. Its clocks may differ, as those of shared stores may. */
public final class FaultyStore implements StateStore {

    /** What becomes of a write whose answer is lost. */
    public enum Fate {
        WRITTEN,
        NOT_WRITTEN,
        /** It is on its way, and lands when the test says so. */
        LATE
    }

    private final StateStore store;
    private final List<BooleanSupplier> late = new ArrayList<>();
    private volatile boolean isAvailable = true;
    private boolean hasIndex = true;
    private boolean isCounted = true;
    private Optional<Fate> nextWrite = Optional.empty();
    private Runnable beforeLoads = () -> {};
    private Runnable beforeWrites = () -> {};
    private Predicate<String> unreadable = key -> false;
    private int loads;

    /** Makes a store that passes each call to {@code store} until a fault is set. */
    public FaultyStore(StateStore store) {
        this.store = store;
    }

    /** Begins or ends an outage. */
    public void isAvailable(boolean available) {
        isAvailable = available;
    }

    /** The next write gets no answer. */
    public void loseNextWrite(Fate fate) {
        nextWrite = Optional.of(fate);
    }

    /** Lands the writes that are on their way; returns whether any of them changed a record. */
    public boolean landLateWrites() {
        boolean isChanged =
                late.stream().map(BooleanSupplier::getAsBoolean).toList().contains(true);
        late.clear();
        return isChanged;
    }

    /** The records under these keys are not ours. */
    public void isUnreadable(Predicate<String> keys) {
        unreadable = keys;
    }

    /** The store finds nothing that is due, as a table without an index. */
    public void hasNoIndex() {
        hasIndex = false;
    }

    /** The store fails to count what is pending, and does all else. */
    public void failsToCount() {
        isCounted = false;
    }

    /** Runs {@code other} before each load. */
    public void beforeLoads(Runnable other) {
        beforeLoads = other;
    }

    /** Runs {@code other} before each write, in which it may write itself. */
    public void beforeWrites(Runnable other) {
        beforeWrites = other;
    }

    /** Returns how many loads have begun. */
    public int loads() {
        return loads;
    }

    @Override
    public Optional<Versioned> load(String key) {
        loads++;
        failInOutage(key);
        beforeLoads.run();
        return store.load(key);
    }

    @Override
    public boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
        failInOutage(key);
        beforeWrites.run();
        Optional<Fate> lost = nextWrite;
        nextWrite = Optional.empty();
        if (lost.isEmpty()) {
            return store.compareAndSet(key, expected, next, ttl);
        }
        if (lost.get() == Fate.WRITTEN) {
            store.compareAndSet(key, expected, next, ttl);
        } else if (lost.get() == Fate.LATE) {
            late.add(() -> store.compareAndSet(key, expected, next, ttl));
        }
        throw new StoreUnavailable(new IllegalStateException("no answer"));
    }

    @Override
    public void announce(String key, Pending pending) {
        failInOutage(key);
        store.announce(key, pending);
    }

    @Override
    public void withdraw(String key, long id) {
        store.withdraw(key, id);
    }

    @Override
    public List<PendingEntry> due(Instant now, int limit) {
        failInOutage("");
        return hasIndex ? store.due(now, limit) : List.of();
    }

    @Override
    public long pendingCount() {
        failInOutage("");
        if (!isCounted) {
            throw new StoreUnavailable(new IllegalStateException("throttled"));
        }
        return store.pendingCount();
    }

    @Override
    public String name() {
        return store.name();
    }

    private void failInOutage(String key) {
        if (!isAvailable) {
            throw new StoreUnavailable(new IllegalStateException("connection refused"));
        }
        if (unreadable.test(key)) {
            throw RecordFormat.unreadable(key, null);
        }
    }
}
