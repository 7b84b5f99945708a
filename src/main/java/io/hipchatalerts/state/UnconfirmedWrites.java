package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The facts that this process must record as soon as the store answers again. Without them a record could suppress the
 * next change, or delay it for a delivery that has ended.
 */
final class UnconfirmedWrites {

    private static final Logger LOG = Logger.getLogger(UnconfirmedWrites.class);
    private static final int MAX_ALERTS = 100_000;
    private static final int STRIPES = 64;
    private static final Duration RETRY = Duration.ofMillis(250);

    private final Records records;
    private final Duration callTimeout;
    private final Timer timer;
    private final BiConsumer<String, Pending> onDropped;
    private final Map<String, List<Unconfirmed>> facts = new ConcurrentHashMap<>();
    private final List<Lock> locks =
            Stream.<Lock>generate(ReentrantLock::new).limit(STRIPES).toList();
    private final AtomicBoolean isScheduled = new AtomicBoolean();
    private final AtomicBoolean isFull = new AtomicBoolean();

    /**
     * Makes an empty set of facts.
     *
     * @param timer records the facts that no event of their alert has recorded before
     * @param onDropped receives the key and each pending change that a message sent without the store made stale
     */
    UnconfirmedWrites(Records records, Duration callTimeout, Timer timer, BiConsumer<String, Pending> onDropped) {
        this.onDropped = onDropped;
        this.records = records;
        this.callTimeout = callTimeout;
        this.timer = timer;
    }

    /** Adds a fact about the alert {@code key}. */
    void add(String key, Unconfirmed fact) {
        add(key, List.of(), fact);
    }

    /** Replaces {@code former}, which may be recorded already, by {@code fact}. */
    void replace(String key, Unconfirmed former, Unconfirmed fact) {
        add(key, List.of(former), fact);
    }

    private void add(String key, List<Unconfirmed> former, Unconfirmed fact) {
        if (facts.size() >= MAX_ALERTS && !facts.containsKey(key)) {
            if (isFull.compareAndSet(false, true)) {
                LOG.warnf("The state store misses facts about %d alerts; facts about others are forgotten", MAX_ALERTS);
            }
            return;
        }
        isFull.set(false);
        facts.merge(key, List.of(fact), (known, more) -> Stream.concat(
                        known.stream().filter(other -> !former.contains(other) && !fact.covers(other)), more.stream())
                .toList());
        schedule();
    }

    /** Returns the moment until which {@code level} must wait for a message of another level from this process. */
    Optional<Instant> inDoubtUntil(String key, Level level, Instant now) {
        return facts.getOrDefault(key, List.of()).stream()
                .filter(fact -> fact.change().level() != level)
                .map(Unconfirmed::result)
                .filter(SendResult.InDoubt.class::isInstance)
                .map(result -> ((SendResult.InDoubt) result).until())
                .filter(now::isBefore)
                .max(Instant::compareTo);
    }

    /**
     * Records all facts about the alert {@code key}.
     *
     * @throws StoreUnavailable when the store does not answer yet
     */
    void reconcile(String key) {
        if (!facts.containsKey(key)) {
            return;
        }
        Lock lock = locks.get(Math.floorMod(key.hashCode(), STRIPES));
        // Without a limit, each caller would wait for all others while the store does not answer.
        if (!isLocked(lock)) {
            throw new StoreUnavailable(new TimeoutException("another event of this alert waits for the store"));
        }
        try {
            while (!isRecorded(key, facts.getOrDefault(key, List.of()))) {
                // Another writer was faster; its record decides now.
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isRecorded(String key, List<Unconfirmed> now) {
        Optional<Versioned> standing = records.load(key);
        Optional<AlertState> state = standing.map(Versioned::state);
        boolean isChanged = false;
        for (Unconfirmed fact : now) {
            Optional<AlertState> next =
                    AlertProtocol.reconcile(state, fact, records.clock().instant());
            if (next.isPresent()) {
                state = next;
                isChanged = true;
            }
        }
        boolean isRecorded = !isChanged || records.compareAndSet(key, standing, records.versioned(state.orElseThrow()));
        if (isRecorded) {
            facts.computeIfPresent(key, (same, known) -> without(known, now));
            reportDropped(key, standing, state, now);
        }
        return isRecorded;
    }

    /** The answers to the events of the facts report these events. */
    private void reportDropped(
            String key, Optional<Versioned> standing, Optional<AlertState> next, List<Unconfirmed> now) {
        standing.flatMap(record -> record.state().pending())
                .filter(pending -> pending.alert().isPresent())
                .filter(pending -> next.flatMap(AlertState::pending).isEmpty())
                .filter(pending ->
                        now.stream().noneMatch(fact -> pending.change().isSameEvent(fact.change())))
                .ifPresent(pending -> onDropped.accept(key, pending));
    }

    /** Returns null when nothing is left: the map then removes the key. */
    private static List<Unconfirmed> without(List<Unconfirmed> known, List<Unconfirmed> recorded) {
        List<Unconfirmed> left =
                known.stream().filter(fact -> !recorded.contains(fact)).toList();
        return left.isEmpty() ? null : left;
    }

    private boolean isLocked(Lock lock) {
        try {
            return lock.tryLock(callTimeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException goingDown) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void schedule() {
        if (isScheduled.compareAndSet(false, true)) {
            timer.after(RETRY, this::reconcileAll);
        }
    }

    private void reconcileAll() {
        isScheduled.set(false);
        try {
            for (String key : List.copyOf(facts.keySet())) {
                reconcileNow(key);
            }
        } catch (StoreUnavailable outage) {
            // MeteredStore logs the outage.
        } finally {
            if (!facts.isEmpty()) {
                schedule();
            }
        }
    }

    private void reconcileNow(String key) {
        try {
            reconcile(key);
        } catch (StoreUnavailable outage) {
            if (!outage.isOfOneAlert()) {
                throw outage;
            }
            // An operator must delete the unusable record; the alert then starts anew.
            facts.remove(key);
        }
    }
}
