package io.hipchatalerts.state;

import static java.util.stream.Collectors.joining;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.state.Interleavings.Violation;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Walks through every order in which the store calls of several workers can take effect on one record and the index of
 * pending changes, where a worker may die between two calls, an answer may be lost, and a call without an answer may take
 * effect late or never. It checks that no pending change is ever stored without an entry in the index, and that a look at
 * the index removes what no record names.
 *
 * <p>The workers run the program's own code: each step runs a worker anew up to its next call, with the answers that it
 * has had so far.
 */
final class IndexInterleavings {

    /** The index as it is, and with one part taken out. */
    enum Rules {
        PRODUCTION,
        /** An entry that the record does not name is removed at once. */
        NO_REWRITE,
        /** The record is stored first, then its entry. */
        RECORD_FIRST
    }

    private static final HipChatConfig CONFIG = TestConfig.with();
    private static final Object LOST = "no answer";
    private static final Object DONE = "done";

    private sealed interface Call {

        record Load() implements Call {}

        record CompareAndSet(Optional<Versioned> expected, Versioned next) implements Call {}

        record Announce(long id) implements Call {}

        record Withdraw(long id) implements Call {}

        record Due() implements Call {}
    }

    /** Stops a worker at its next call. */
    private static final class Halt extends Error {
        private static final long serialVersionUID = 1L;

        private final transient Call call;

        Halt(Call call) {
            super(null, null, false, false);
            this.call = call;
        }
    }

    /**
     * Everything that can differ.
     *
     * @param record the alert's record
     * @param entries the ids in the index
     * @param late the calls that may still take effect
     * @param answers the answers that each worker has had
     * @param dead the workers that died
     * @param lost how many answers were lost
     */
    private record State(
            Optional<Versioned> record,
            Set<Long> entries,
            List<Call> late,
            List<List<Object>> answers,
            Set<Integer> dead,
            int lost) {}

    private final String key;
    private final Instant now;
    private final List<Consumer<AlertStates>> workers;
    private final Rules rules;
    private final int mayBeLost;
    private final Map<List<Object>, Optional<Call>> calls = new HashMap<>();
    private final Map<State, State> cameFrom = new HashMap<>();
    private final Deque<State> open = new ArrayDeque<>();
    private int finalStates;

    /**
     * @param key the key of the alert that all workers are about
     * @param mayBeLost how many answers may be lost in one history
     */
    IndexInterleavings(String key, Instant now, List<Consumer<AlertStates>> workers, Rules rules, int mayBeLost) {
        this.key = key;
        this.now = now;
        this.workers = workers;
        this.rules = rules;
        this.mayBeLost = mayBeLost;
    }

    int states() {
        return cameFrom.size();
    }

    int finalStates() {
        return finalStates;
    }

    /** @throws Violation when a change could be forgotten */
    void explore() {
        reach(
                new State(
                        Optional.empty(),
                        Set.of(),
                        List.of(),
                        IntStream.range(0, workers.size())
                                .mapToObj(worker -> List.of())
                                .toList(),
                        Set.of(),
                        0),
                null);
        while (!open.isEmpty()) {
            State state = open.pop();
            checkEntry(state);
            List<State> next = next(state);
            next.forEach(other -> reach(other, state));
            if (next.isEmpty()) {
                finalStates++;
                checkCleanUp(state);
            }
        }
    }

    private void reach(State state, State from) {
        if (!cameFrom.containsKey(state)) {
            cameFrom.put(state, from);
            open.push(state);
        }
    }

    private List<State> next(State state) {
        List<State> next = new ArrayList<>();
        for (int worker = 0; worker < workers.size(); worker++) {
            Optional<Call> call = state.dead().contains(worker) ? Optional.empty() : callOf(state, worker);
            if (call.isPresent()) {
                step(state, worker, call.get(), next);
            }
        }
        for (Call call : state.late()) {
            List<Call> others = new ArrayList<>(state.late());
            others.remove(call);
            next.add(effect(with(state, others), call));
        }
        return next;
    }

    private void step(State state, int worker, Call call, List<State> next) {
        State answered = answered(state, worker, answer(state, call));
        next.add(dead(state, worker));
        if (call instanceof Call.Withdraw) {
            // Nobody waits for it.
            next.add(effect(answered, call));
            next.add(late(answered, call));
            return;
        }
        if (rules == Rules.RECORD_FIRST && call instanceof Call.Announce) {
            next.add(late(answered, call));
            return;
        }
        boolean isWrite = call instanceof Call.CompareAndSet || call instanceof Call.Announce;
        next.add(isWrite ? effect(answered, call) : answered);
        if (state.lost() < mayBeLost) {
            State lost = lost(answered(state, worker, LOST));
            next.add(lost);
            if (isWrite) {
                next.add(effect(lost, call));
                next.add(late(lost, call));
            }
        }
    }

    private Object answer(State state, Call call) {
        if (call instanceof Call.Load) {
            return state.record();
        }
        if (call instanceof Call.Due) {
            return state.entries().stream()
                    .map(id -> new StateStore.PendingEntry(key, Optional.of(id)))
                    .toList();
        }
        return call instanceof Call.CompareAndSet write ? isRewriteByTheRules(write) || isExpected(state, write) : DONE;
    }

    private State effect(State state, Call call) {
        Set<Long> entries = new TreeSet<>(state.entries());
        Optional<Versioned> record = state.record();
        if (call instanceof Call.Announce announce) {
            entries.add(announce.id());
        } else if (call instanceof Call.Withdraw withdraw) {
            entries.remove(withdraw.id());
        } else if (call instanceof Call.CompareAndSet write
                && isExpected(state, write)
                && !isRewriteByTheRules(write)) {
            record = Optional.of(write.next());
        }
        return new State(record, entries, state.late(), state.answers(), state.dead(), state.lost());
    }

    private static boolean isExpected(State state, Call.CompareAndSet write) {
        return state.record().equals(write.expected());
    }

    private boolean isRewriteByTheRules(Call.CompareAndSet write) {
        return rules == Rules.NO_REWRITE
                && write.next()
                        .state()
                        .equals(write.expected().map(Versioned::state).orElse(AlertState.INITIAL));
    }

    private static State with(State state, List<Call> late) {
        return new State(
                state.record(), state.entries(), List.copyOf(late), state.answers(), state.dead(), state.lost());
    }

    private static State late(State state, Call call) {
        return with(
                state,
                Stream.concat(state.late().stream(), Stream.of(call))
                        .sorted(Comparator.comparing(Object::toString))
                        .toList());
    }

    private static State answered(State state, int worker, Object answer) {
        List<List<Object>> answers = new ArrayList<>(state.answers());
        answers.set(
                worker,
                Stream.concat(answers.get(worker).stream(), Stream.of(answer)).toList());
        return new State(
                state.record(), state.entries(), state.late(), List.copyOf(answers), state.dead(), state.lost());
    }

    private static State lost(State state) {
        return new State(
                state.record(), state.entries(), state.late(), state.answers(), state.dead(), state.lost() + 1);
    }

    /** What it did before it died decides nothing any more. */
    private static State dead(State state, int worker) {
        Set<Integer> dead = new TreeSet<>(state.dead());
        dead.add(worker);
        List<List<Object>> answers = new ArrayList<>(state.answers());
        answers.set(worker, List.of());
        return new State(state.record(), state.entries(), state.late(), List.copyOf(answers), dead, state.lost());
    }

    /** A worker that has done its work is gone as well, but keeps its answers. */
    private Optional<Call> callOf(State state, int worker) {
        List<Object> answers = state.answers().get(worker);
        return calls.computeIfAbsent(List.of(worker, answers), same -> run(workers.get(worker), worker, answers));
    }

    private Optional<Call> run(Consumer<AlertStates> work, int worker, List<Object> answers) {
        // Each worker draws its own numbers, and the same ones each time.
        long[] drawn = {worker * 1_000L};
        AlertStates states =
                TestAlertStates.over(new Replayed(answers), CONFIG, InstantSource.fixed(now), () -> ++drawn[0]);
        try {
            work.accept(states);
        } catch (StoreUnavailable outage) {
            return Optional.empty();
        } catch (Halt next) {
            return Optional.of(next.call);
        }
        return Optional.empty();
    }

    private void checkEntry(State state) {
        Optional<Long> named = named(state);
        if (named.isPresent() && !state.entries().contains(named.get())) {
            throw violation("A pending change is stored without an entry", state);
        }
    }

    /** Another instance looks at the index once, and finds the change and nothing else from then on. */
    private void checkCleanUp(State state) {
        State at = state;
        List<Object> answers = List.of();
        Optional<Call> call = look(answers);
        while (call.isPresent()) {
            answers = Stream.concat(answers.stream(), Stream.of(answer(at, call.get())))
                    .toList();
            at = effect(at, call.get());
            call = look(answers);
        }
        Set<Long> named = new HashSet<>(named(at).stream().toList());
        if (!at.entries().equals(named)) {
            throw violation("After a look at the index it has the entries " + at.entries(), state);
        }
    }

    private Optional<Call> look(List<Object> answers) {
        return run(states -> TestAlertStates.due(states), workers.size(), answers);
    }

    private static Optional<Long> named(State state) {
        return state.record().flatMap(record -> record.state().pending()).map(Pending::id);
    }

    private Violation violation(String what, State state) {
        Deque<State> history = new ArrayDeque<>();
        for (State at = state; at != null; at = cameFrom.get(at)) {
            history.push(at);
        }
        return new Violation(what + history.stream().map(step -> "\n  " + step).collect(joining()));
    }

    /** A store that gives the answers that were given before, and stops at the call after them. */
    private static final class Replayed implements StateStore {

        private final List<Object> answers;
        private int given;

        Replayed(List<Object> answers) {
            this.answers = answers;
        }

        @Override
        @SuppressWarnings("unchecked")
        public Optional<Versioned> load(String key) {
            return (Optional<Versioned>) next(new Call.Load());
        }

        @Override
        public boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
            return (Boolean) next(new Call.CompareAndSet(expected, next));
        }

        @Override
        public void announce(String key, Pending pending) {
            next(new Call.Announce(pending.id()));
        }

        @Override
        public void withdraw(String key, long id) {
            next(new Call.Withdraw(id));
        }

        @Override
        @SuppressWarnings("unchecked")
        public List<PendingEntry> due(Instant now, int limit) {
            return (List<PendingEntry>) next(new Call.Due());
        }

        @Override
        public long pendingCount() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String name() {
            return "replayed";
        }

        private Object next(Call call) {
            if (given == answers.size()) {
                throw new Halt(call);
            }
            Object answer = answers.get(given++);
            if (answer.equals(LOST)) {
                throw new StoreUnavailable(new IllegalStateException("no answer"));
            }
            return answer;
        }
    }
}
