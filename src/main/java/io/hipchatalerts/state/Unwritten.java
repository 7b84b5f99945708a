package io.hipchatalerts.state;

import static io.hipchatalerts.time.Durations.shorter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What the store has yet to learn from this process, because it could not be reached: which holds are given back, and
 * which alerts were told without one. A record that says otherwise would hold back the next change, or let it wait for
 * nobody.
 */
final class Unwritten {

    private static final Logger LOG = Logger.getLogger(Unwritten.class);
    private static final int MOST_ALERTS = 100_000;

    private static final Duration LONGEST_FOR_OTHERS = Duration.ofMillis(500);

    /**
     * An entry of ours that may stand in the store, since the answer to its swap, or to the swap that was to replace it,
     * was lost.
     *
     * @param next what is to stand there instead, and may do so already
     * @param late whether HipChat may have taken our message when the hold had run out; if so, and neither stands there,
     *     nobody knows who told the room last
     */
    private record Ours(Entry entry, Entry next, boolean late) {

        boolean isOne(Optional<Entry> standing) {
            return standing.equals(Optional.of(entry)) || standing.equals(Optional.of(next));
        }
    }

    /**
     * What is owed to the record of one alert.
     *
     * @param turn whoever makes good for it holds this
     * @param toldAt the newest event time that was told without a hold
     * @param times how often something was added: the same time once more is another message
     */
    private record Owed(ReentrantLock turn, List<Ours> ours, Optional<Instant> toldAt, int times) {

        Owed and(Optional<Ours> more, Optional<Instant> time) {
            List<Ours> all = new ArrayList<>(ours);
            more.ifPresent(all::add);
            return new Owed(turn, List.copyOf(all), newest(Stream.concat(toldAt.stream(), time.stream())), times + 1);
        }

        /** What is left of it once it was {@code paid} as it then was; null for nothing, as a map wants it. */
        Owed without(Owed paid) {
            if (equals(paid)) {
                return null;
            }
            List<Ours> left =
                    ours.stream().filter(it -> !paid.ours.contains(it)).toList();
            return new Owed(turn, left, toldAt, times);
        }
    }

    private final StateStore store;
    private final Duration ttl;
    private final InstantSource clock;
    private final RandomGenerator versions;
    private final Map<String, Owed> owed = new ConcurrentHashMap<>();
    private final AtomicBoolean forgetting = new AtomicBoolean();
    private final AtomicBoolean othersAreSeenTo = new AtomicBoolean();

    Unwritten(StateStore store, Duration ttl, InstantSource clock, RandomGenerator versions) {
        this.store = store;
        this.ttl = ttl;
        this.clock = clock;
        this.versions = versions;
    }

    /**
     * A swap of ours was not answered.
     *
     * @param claimed what may stand, with a hold on which nobody acts any more
     * @param next what is to stand in its place, and may do so already
     * @param late whether HipChat may have taken our message when the hold had run out
     */
    void mayStand(String key, Entry claimed, Entry next, boolean late) {
        owe(key, Optional.of(new Ours(claimed, next, late)), Optional.empty());
    }

    /** The room was told, or will be, of an event of that time, and no record says so. */
    void toldWithoutHold(String key, Instant time) {
        owe(key, Optional.empty(), Optional.of(time));
    }

    private void owe(String key, Optional<Ours> ours, Optional<Instant> toldAt) {
        if (owed.size() >= MOST_ALERTS && !owed.containsKey(key)) {
            if (forgetting.compareAndSet(false, true)) {
                LOG.warnf(
                        "The store has yet to learn of %d alerts; what it should of others is forgotten", MOST_ALERTS);
            }
            return;
        }
        forgetting.set(false);
        owed.compute(key, (same, before) -> (before == null
                        ? new Owed(new ReentrantLock(), List.of(), Optional.empty(), 0)
                        : before)
                .and(ours, toldAt));
    }

    /**
     * Makes good for the alert {@code key}, unless a delivery elsewhere holds it.
     *
     * @throws StoreUnavailable when it cannot be done yet
     */
    void write(String key) {
        for (Owed seen = owed.get(key); seen != null; seen = owed.get(key)) {
            ReentrantLock turn = seen.turn();
            // One at a time: who comes second would take what the first one has written for a stranger's. But nobody
            // waits longer than a call takes: before a mute store each would wait for all others.
            if (!isMine(turn)) {
                throw new StoreUnavailable(new TimeoutException("another event of this alert waits for it"));
            }
            try {
                Owed now = owed.get(key);
                // Else others were here, and what was owed is written, or owed anew.
                if (now != null && now.turn() == turn) {
                    if (isWritten(key, now)) {
                        owed.computeIfPresent(key, (same, later) -> later.without(now));
                    }
                    return;
                }
            } finally {
                turn.unlock();
            }
        }
    }

    private static boolean isMine(ReentrantLock turn) {
        try {
            return turn.tryLock(StateStore.LONGEST_CALL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException goingDown) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Makes good for other alerts, in a short time within {@code most}, and not in several threads at once. */
    void writeOthers(Duration most) {
        if (owed.isEmpty() || !othersAreSeenTo.compareAndSet(false, true)) {
            return;
        }
        try {
            Instant end = clock.instant().plus(shorter(most, LONGEST_FOR_OTHERS));
            for (String key : owed.keySet()) {
                if (!clock.instant().isBefore(end) || !couldBeWritten(key)) {
                    break;
                }
            }
        } finally {
            othersAreSeenTo.set(false);
        }
    }

    private boolean couldBeWritten(String key) {
        try {
            write(key);
            return true;
        } catch (StoreUnavailable failure) {
            if (failure.isOfOneAlert()) {
                // Whoever deletes what stands there starts that alert anew.
                owed.remove(key);
            }
            return failure.isOfOneAlert();
        }
    }

    private boolean isWritten(String key, Owed now) {
        while (true) {
            Optional<Entry> current = store.load(key);
            Optional<Ours> ours =
                    now.ours().stream().filter(it -> it.isOne(current)).findFirst();
            Optional<Instant> toldAt = newest(Stream.concat(
                    now.toldAt().stream(),
                    now.ours().stream()
                            .filter(it -> it.late() && !it.isOne(current))
                            .map(it -> it.entry().record().newest())));
            Optional<Entry> right = ours.map(Ours::next).or(() -> current);
            Optional<AlertRecord> known = right.map(Entry::record);
            Optional<Entry> next = toldAt.map(
                            time -> new Entry(StateProtocol.distrusted(known, time), versions.nextLong()))
                    .or(() -> right);
            if (next.map(Entry::record).equals(current.map(Entry::record))) {
                return true;
            }
            if (known.filter(record -> record.isHeldAt(clock.instant())).isPresent()) {
                return false;
            }
            if (store.swap(key, current, next.orElseThrow(), ttl)) {
                return true;
            }
            // Somebody else wrote in between: what it wrote decides now.
        }
    }

    private static Optional<Instant> newest(Stream<Instant> times) {
        return times.max(Comparator.naturalOrder());
    }
}
