package io.hipchatalerts.state;

import static java.util.stream.Collectors.toSet;

import io.hipchatalerts.state.store.StateStore.PendingEntry;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.Deadline;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The pending changes in a store: finds those that are due, and drops those that are too old (contract §5a). */
public final class PendingChanges {

    /** More are due at the next look. */
    private static final int MAX_DUE = 10_000;

    private final Records records;
    private final InstantSource clock;

    PendingChanges(Records records, InstantSource clock) {
        this.records = records;
        this.clock = clock;
    }

    /** Returns whether a pending change outlives the process. */
    public boolean isShared() {
        return records.store().isShared();
    }

    /**
     * Returns the pending changes that are due and have no delivery under way: all of them, or those that it finds until
     * {@code lookBy}.
     *
     * @param also the keys of alerts to look at in addition to those in the index
     * @param isOver receives the keys among them that have nothing pending
     * @throws StoreUnavailable when the store does not answer
     */
    public List<PendingAlert> due(Collection<String> also, Deadline lookBy, Consumer<String> isOver) {
        Set<PendingEntry> entries = new LinkedHashSet<>(records.store().due(clock.instant(), MAX_DUE));
        Set<String> indexed = entries.stream().map(PendingEntry::key).collect(toSet());
        also.stream()
                .filter(key -> !indexed.contains(key))
                .forEach(key -> entries.add(new PendingEntry(key, Optional.empty())));
        // An alert may have several entries, of which its record names one at most.
        Map<String, PendingAlert> due = new LinkedHashMap<>();
        entries.stream().takeWhile(entry -> !lookBy.passed()).forEach(entry -> due(entry, isOver)
                .ifPresent(alert -> due.put(alert.key(), alert)));
        return List.copyOf(due.values());
    }

    private Optional<PendingAlert> due(PendingEntry entry, Consumer<String> isOver) {
        Instant now = clock.instant();
        try {
            Optional<Versioned> current = records.load(entry.key());
            Optional<Pending> pending = current.flatMap(record -> record.state().pending());
            if (pending.isEmpty()) {
                isOver.accept(entry.key());
            }
            if (entry.id().isPresent() && !entry.id().equals(pending.map(Pending::id))) {
                remove(entry, current);
            }
            return pending.filter(change -> change.alert().isPresent()
                            && !change.due().isAfter(now)
                            && !current.orElseThrow().state().isLeasedAt(now))
                    .map(change -> new PendingAlert(entry.key(), change));
        } catch (StoreUnavailable outage) {
            if (!outage.isOfOneAlert()) {
                throw outage;
            }
            return Optional.empty();
        }
    }

    /**
     * Removes an index entry that its record does not name. It rewrites the record first: a write that is under way and
     * names the entry then fails, and its writer starts over with a new entry.
     */
    private void remove(PendingEntry entry, Optional<Versioned> current) {
        AlertState same = current.map(Versioned::state).orElse(AlertState.INITIAL);
        if (records.compareAndSet(entry.key(), current, records.versioned(same))) {
            records.store().withdraw(entry.key(), entry.id().orElseThrow());
        }
    }

    /**
     * Drops a pending change that is too old.
     *
     * @return false when another delivery took or replaced it
     * @throws StoreUnavailable when the store does not answer
     */
    public boolean giveUp(PendingAlert pending) {
        Optional<Versioned> current = records.load(pending.key());
        return current.flatMap(record -> record.state().pending())
                        .filter(pending.pending()::equals)
                        .isPresent()
                && records.compareAndSet(
                        pending.key(),
                        current,
                        records.versioned(
                                AlertProtocol.giveUp(current.orElseThrow().state())));
    }

    /**
     * Returns the number of pending changes, due or not.
     *
     * @throws StoreUnavailable when the store does not answer
     */
    public long count() {
        return records.store().pendingCount();
    }

    /** Returns the pending changes that end with this process. */
    public List<PendingAlert> lostWithProcess() {
        return isShared()
                ? List.of()
                : records.store().due(Instant.MAX, Integer.MAX_VALUE).stream()
                        .flatMap(entry -> records.load(entry.key()).stream()
                                .flatMap(record -> record.state().pending().stream())
                                .map(pending -> new PendingAlert(entry.key(), pending)))
                        .toList();
    }

    /** Sets the action on a pending change that is lost because the store has no room for its alert. */
    public void onEviction(Consumer<Pending> action) {
        records.store().onEviction(action);
    }
}
