package io.hipchatalerts.state;

import static java.util.stream.Collectors.toMap;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.outcome.Reason;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Walks through every order in which up to three workers can take the events of one alert through
 * {@link StateProtocol}, with crashes, refusals, unclear answers, waits for HipChat without the alert, and redelivery
 * until each event is acknowledged, and checks the promises on the way and in each final state. The register compares
 * versions as every store does.
 *
 * <p>A hold ends by itself only as it really can: its holder has crashed, or has sent its request and not yet settled,
 * or stood still before its request and finds, looking at the clock, that it must not send it any more.
 */
final class Interleavings {

    private static final int WORKERS = 3;
    private static final int MOST_CRASHES = 2;
    private static final int MOST_REFUSALS = 2;
    private static final int MOST_UNCLEAR = 2;

    private static final Instant EVENT_ZERO = Instant.parse("2026-05-02T09:15:30Z");
    private static final Instant HOLD_END = EVENT_ZERO.plusSeconds(100);
    private static final Instant WHILE_HELD = HOLD_END.minusSeconds(1);

    /** Versions as {@link #withFewestNumbers} leaves them, and that of an entry just written. */
    private static final long NONE = 0;

    private static final long OLD = -1;
    private static final long CURRENT = 1;
    private static final long NEW = 2;

    /** Arrivals likewise: that of the register, and any before. */
    private static final int LAST = 2;

    private static final int BEFORE = 1;

    /** What the events' times are, in the order in which they happened. */
    enum Times {
        RISING,
        EQUAL,
        FALLING
    }

    /** The protocol as it is, and with one part taken out. */
    enum Rules {
        PRODUCTION,
        NO_UNKNOWN_LEVEL,
        NO_NEWEST_TIME,
        NO_ARRIVAL,
        NO_COUNT,
        NO_FENCING,
        NO_HOLD
    }

    /** A promise is broken; the message tells how it came to that. */
    static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Violation(String message) {
            super(message);
        }
    }

    private enum Phase {
        CLAIMED,
        ASKED
    }

    /** One event in the hands of one worker, which has written {@code entry} to hold the alert. */
    private record Worker(int event, Phase phase, Entry entry, Ending ending) {}

    /**
     * Everything that can differ.
     *
     * @param register the alert's record
     * @param ranOut the version of a hold that has ended by itself, 0 for none
     * @param workers at most one for each event
     * @param pending events that nobody has acknowledged or is at work on, each with its arrival: 0, or another where a
     *     delivery waits for HipChat without the alert
     * @param overtaken those of them that wait and after which another of the same time was decided, one bit each; known
     *     here without a look at what the protocol counts
     * @param lastTold the event whose message HipChat accepted last, -1 for none
     * @param toldChanges the changes of level that were told, one bit each
     * @param slack how many more repetitions would be forgiven: one for each time that the mark was lost after HipChat
     *     had accepted or a holder that stood still beyond its hold made the level unknown, less those that came
     * @param last the event that was decided last for good
     */
    private record State(
            Optional<Entry> register,
            long ranOut,
            List<Worker> workers,
            Map<Integer, Integer> pending,
            int overtaken,
            int lastTold,
            int toldChanges,
            int crashes,
            int refusals,
            int unclear,
            int slack,
            int last) {}

    private final List<Level> levels;
    private final Times times;
    private final Rules rules;
    private final Map<State, State> cameFrom = new HashMap<>();
    private final Deque<State> open = new ArrayDeque<>();
    private int finalStates;

    Interleavings(List<Level> levels, Times times, Rules rules) {
        this.levels = levels;
        this.times = times;
        this.rules = rules;
    }

    int states() {
        return cameFrom.size();
    }

    int finalStates() {
        return finalStates;
    }

    /** @throws Violation when a promise is broken anywhere */
    void explore() {
        Map<Integer, Integer> all =
                IntStream.range(0, levels.size()).boxed().collect(toMap(event -> event, event -> 0));
        State start = new State(Optional.empty(), 0, List.of(), all, 0, -1, 0, 0, 0, 0, 0, -1);
        reach(start, start);
        while (!open.isEmpty()) {
            State state = open.pop();
            List<State> next = next(state);
            next.forEach(successor -> reach(successor, state));
            if (state.pending().isEmpty() && state.workers().isEmpty()) {
                finalStates++;
                checkFinal(state);
            } else if (next.isEmpty()) {
                throw violation("Nothing can go on", state);
            }
        }
    }

    private void reach(State state, State from) {
        if (cameFrom.putIfAbsent(state, from) == null) {
            open.push(state);
        }
    }

    private List<State> next(State state) {
        List<State> next = new ArrayList<>();
        if (state.workers().size() < WORKERS) {
            state.pending().keySet().forEach(event -> decide(state, event, next));
        }
        for (Worker worker : state.workers()) {
            State without = without(state, worker);
            if (worker.phase() == Phase.CLAIMED) {
                ask(state, without, worker, next);
            } else {
                settle(state, without, worker, next);
            }
            crash(without, worker, next);
        }
        holdRunsOut(state, next);
        return next.stream().map(this::withFewestNumbers).toList();
    }

    /**
     * Load, decide and swap are one step here: a swap that does not find what was loaded changes nothing and loads
     * again, so every history has the same effect as one in which nobody comes in between.
     */
    private void decide(State state, int event, List<State> next) {
        boolean ranOut = state.register()
                .filter(entry -> entry.version() == state.ranOut())
                .isPresent();
        Decision decision = StateProtocol.decide(
                state.register().map(Entry::record).map(this::asTheRulesSeeIt),
                changeAt(event, state.pending().get(event)),
                ranOut ? HOLD_END : WHILE_HELD,
                HOLD_END);
        if (decision instanceof Decision.Send send) {
            checkArrival(state, event);
            Entry claimed = new Entry(countedByTheRules(claimedByTheRules(send.claimed())), NEW);
            next.add(with(registered(decided(state, event), claimed), new Worker(event, Phase.CLAIMED, claimed, null)));
        } else if (decision instanceof Decision.Suppress suppress) {
            boolean unchanged = suppress.reason() == Reason.UNCHANGED;
            if (unchanged) {
                checkUnchanged(state, event);
            }
            State written = unchanged
                    ? decidedLast(
                            registered(decided(state, event), new Entry(countedByTheRules(suppress.next()), NEW)),
                            event)
                    : taken(state, event);
            acknowledge(written, event, next);
        }
        // Else somebody holds the alert: answered as busy and delivered again, which changes nothing.
    }

    /** The answer reaches who delivered the event, or the process dies before. */
    private void acknowledge(State decided, int event, List<State> next) {
        next.add(decided);
        if (decided.crashes() < MOST_CRASHES) {
            // Among events of equal time the redelivered one is the later arrival, and so is told again rightly.
            int excuse = times == Times.EQUAL ? 1 : 0;
            next.add(pendingAgain(counted(decided, 1, 0, 0, excuse), event));
        }
    }

    private void ask(State state, State without, Worker worker, List<State> next) {
        next.add(with(told(state, without, worker), asked(worker, Ending.ACCEPTED)));
        if (state.refusals() < MOST_REFUSALS) {
            next.add(with(counted(without, 0, 1, 0, 0), asked(worker, Ending.NOT_ACCEPTED)));
        }
        if (state.unclear() < MOST_UNCLEAR) {
            next.add(with(counted(without, 0, 0, 1, 0), asked(worker, Ending.UNCLEAR)));
            next.add(with(counted(told(state, without, worker), 0, 0, 1, 1), asked(worker, Ending.UNCLEAR)));
        }
    }

    private void settle(State state, State without, Worker worker, List<State> next) {
        boolean accepted = worker.ending() == Ending.ACCEPTED;
        State settled = without;
        if (isHolder(worker, state) || rules == Rules.NO_FENCING) {
            settled = registered(without, new Entry(settledByTheRules(worker), NEW));
            settled = accepted ? decidedLast(settled, worker.event()) : settled;
        } else if (worker.ending() != Ending.NOT_ACCEPTED) {
            settled = state.register()
                    .filter(entry -> entry.record().hold().isEmpty())
                    .map(entry -> StateProtocol.distrusted(
                            Optional.of(entry.record()), worker.entry().record().newest()))
                    .map(record -> counted(registered(without, new Entry(record, NEW)), 0, 0, 0, 1))
                    .orElse(without);
        }
        if (accepted) {
            acknowledge(settled, worker.event(), next);
        } else {
            next.add(pendingAgain(settled, worker.event()));
        }
        if (worker.ending() == Ending.NOT_ACCEPTED) {
            // A crash while it waits is a redelivery, which is here already. Who took its hold over came later.
            State waits =
                    waiting(settled, worker.event(), worker.entry().record().arrival());
            next.add(isHolder(worker, state) ? waits : edit(waits, draft -> draft.overtaken |= 1 << worker.event()));
        }
    }

    private static void crash(State without, Worker worker, List<State> next) {
        if (without.crashes() < MOST_CRASHES) {
            boolean markLost = worker.ending() == Ending.ACCEPTED;
            next.add(pendingAgain(counted(without, 1, 0, 0, markLost ? 1 : 0), worker.event()));
        }
    }

    private void holdRunsOut(State state, List<State> next) {
        Optional<Entry> held = state.register()
                .filter(entry -> entry.record().hold().isPresent() && entry.version() != state.ranOut());
        if (held.isEmpty()) {
            return;
        }
        State after = ranOut(state, held.get().version());
        Optional<Worker> holder = state.workers().stream()
                .filter(worker -> isHolder(worker, state))
                .findFirst();
        if (holder.isEmpty()) {
            next.add(after);
        } else if (holder.get().phase() == Phase.CLAIMED) {
            next.add(with(without(after, holder.get()), asked(holder.get(), Ending.NOT_ACCEPTED)));
        } else {
            next.add(counted(after, 0, 0, 0, holder.get().ending() == Ending.ACCEPTED ? 1 : 0));
        }
    }

    private static boolean isHolder(Worker worker, State state) {
        return state.register()
                .filter(entry -> entry.version() == worker.entry().version())
                .isPresent();
    }

    // What the rules leave out

    private AlertRecord asTheRulesSeeIt(AlertRecord record) {
        return switch (rules) {
            case NO_NEWEST_TIME -> new AlertRecord(record.told(), Instant.MIN, 1, record.lastSent(), record.hold());
            case NO_HOLD ->
                new AlertRecord(record.told(), record.newest(), record.arrival(), record.lastSent(), Optional.empty());
            case PRODUCTION, NO_UNKNOWN_LEVEL, NO_ARRIVAL, NO_COUNT, NO_FENCING -> record;
        };
    }

    private AlertRecord claimedByTheRules(AlertRecord claimed) {
        return rules == Rules.NO_UNKNOWN_LEVEL
                ? new AlertRecord(
                        claimed.hold().orElseThrow().before(),
                        claimed.newest(),
                        claimed.arrival(),
                        claimed.lastSent(),
                        claimed.hold())
                : claimed;
    }

    private AlertRecord countedByTheRules(AlertRecord next) {
        return rules == Rules.NO_COUNT
                ? new AlertRecord(next.told(), next.newest(), LAST, next.lastSent(), next.hold())
                : next;
    }

    private AlertRecord settledByTheRules(Worker worker) {
        Ending ending = rules == Rules.NO_UNKNOWN_LEVEL && worker.ending() == Ending.UNCLEAR
                ? Ending.NOT_ACCEPTED
                : worker.ending();
        return StateProtocol.settle(worker.entry().record(), levels.get(worker.event()), ending);
    }

    // The promises

    /** Promises 2 and 3 at the moment of a message. */
    private State told(State state, State without, Worker worker) {
        int event = worker.event();
        if (state.lastTold() >= 0 && time(event).isBefore(time(state.lastTold()))) {
            throw violation("An older level was told after a newer one: event " + event, state);
        }
        int change = 1 << change(event);
        boolean again = (state.toldChanges() & change) != 0;
        return edit(without, draft -> {
            draft.lastTold = event;
            draft.toldChanges |= change;
            draft.slack -= again ? 1 : 0;
        });
    }

    /** Promise 3, for equal times: an event that waited does not go after one that came in the meantime. */
    private void checkArrival(State state, int event) {
        if ((state.overtaken() & 1 << event) != 0) {
            throw violation("The earlier arrival of two equal times is told last: event " + event, state);
        }
    }

    /** Promise 1: what is suppressed as unchanged is what the room read last. */
    private void checkUnchanged(State state, int event) {
        Level level = levels.get(event);
        boolean knows = state.lastTold() < 0 ? level == Level.OK : levels.get(state.lastTold()) == level;
        if (!knows) {
            throw violation("Event " + event + " was lost: called unchanged, but the room was told else", state);
        }
    }

    private void checkFinal(State state) {
        if (state.slack() < 0) {
            throw violation("A change was told twice", state);
        }
        Instant newest = IntStream.range(0, levels.size())
                .mapToObj(this::time)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        if (state.last() < 0 || time(state.last()).isBefore(newest)) {
            throw violation("The newest event was not the last to be decided", state);
        }
        Level truth = levels.get(state.last());
        boolean shown = state.lastTold() < 0 ? truth == Level.OK : levels.get(state.lastTold()) == truth;
        if (!shown) {
            throw violation("The room does not show " + truth + " in the end", state);
        }
    }

    /**
     * Which change of level an event belongs to, by the first event of it: events of one level that follow each other
     * in time are one. Where different levels have equal times, each event is a change, for the later arrival counts.
     */
    private int change(int event) {
        if (times == Times.EQUAL && levels.stream().distinct().count() > 1) {
            return event;
        }
        int first = event;
        while (first > 0 && levels.get(first - 1) == levels.get(event)) {
            first--;
        }
        return first;
    }

    private Violation violation(String what, State state) {
        List<State> way = new ArrayList<>();
        for (State at = state; !way.contains(at); at = cameFrom.get(at)) {
            way.add(0, at);
        }
        StringBuilder text = new StringBuilder(what)
                .append(", levels ")
                .append(levels)
                .append(", times ")
                .append(times);
        way.forEach(step -> text.append("\n  ").append(step));
        return new Violation(text.toString());
    }

    // Small steps

    private Change changeAt(int event, int arrival) {
        Optional<Level> previous = event == 0 ? Optional.empty() : Optional.of(levels.get(event - 1));
        return new Change(
                levels.get(event), previous, time(event), rules == Rules.NO_ARRIVAL ? 0 : arrival, Optional.empty());
    }

    private Instant time(int event) {
        return switch (times) {
            case RISING -> EVENT_ZERO.plusSeconds(event);
            case EQUAL -> EVENT_ZERO;
            case FALLING -> EVENT_ZERO.minusSeconds(event);
        };
    }

    /**
     * Versions and arrivals are only compared, so it is enough to tell the register's from all others; histories that
     * differ in nothing but their count of writes are one state then. Where no two times are equal, arrivals are of no
     * account, and a delivery that waits is like one that comes again.
     */
    private State withFewestNumbers(State s) {
        long version = s.register().map(Entry::version).orElse(NONE);
        int arrival = s.register().map(entry -> entry.record().arrival()).orElse(1);
        return edit(s, draft -> {
            draft.register = s.register().map(entry -> new Entry(arrived(entry.record(), arrival), CURRENT));
            draft.ranOut = s.ranOut() == version ? CURRENT : NONE;
            draft.workers.replaceAll(worker -> new Worker(
                    worker.event(),
                    worker.phase(),
                    new Entry(
                            arrived(worker.entry().record(), arrival),
                            worker.entry().version() == version ? CURRENT : OLD),
                    worker.ending()));
            draft.pending.replaceAll(
                    (event, waiting) -> waiting == 0 || times != Times.EQUAL ? 0 : waiting == arrival ? LAST : BEFORE);
        });
    }

    private AlertRecord arrived(AlertRecord record, int last) {
        return new AlertRecord(
                record.told(),
                record.newest(),
                record.arrival() == last || times != Times.EQUAL ? LAST : BEFORE,
                record.lastSent(),
                record.hold());
    }

    private static Worker asked(Worker worker, Ending ending) {
        return new Worker(worker.event(), Phase.ASKED, worker.entry(), ending);
    }

    private static State taken(State s, int event) {
        return edit(s, draft -> {
            draft.pending.remove(event);
            draft.overtaken &= ~(1 << event);
        });
    }

    /** Taken, and taken into account: of the same time, those that wait are the earlier arrivals now. */
    private State decided(State s, int event) {
        return edit(
                taken(s, event),
                draft -> draft.pending.forEach((other, arrival) -> {
                    if (arrival > 0 && time(other).equals(time(event))) {
                        draft.overtaken |= 1 << other;
                    }
                }));
    }

    private static State registered(State s, Entry entry) {
        return edit(s, draft -> draft.register = Optional.of(entry));
    }

    private static State ranOut(State s, long version) {
        return edit(s, draft -> draft.ranOut = version);
    }

    private static State decidedLast(State s, int event) {
        return edit(s, draft -> draft.last = event);
    }

    private static State counted(State s, int crashes, int refusals, int unclear, int slack) {
        return edit(s, draft -> {
            draft.crashes += crashes;
            draft.refusals += refusals;
            draft.unclear += unclear;
            draft.slack += slack;
        });
    }

    private static State with(State s, Worker worker) {
        return edit(s, draft -> {
            draft.workers.add(worker);
            // Workers are alike, so their order is no difference.
            draft.workers.sort(Comparator.comparingInt(Worker::event));
        });
    }

    private static State without(State s, Worker worker) {
        return edit(s, draft -> draft.workers.remove(worker));
    }

    private static State pendingAgain(State s, int event) {
        return waiting(s, event, 0);
    }

    private static State waiting(State s, int event, int arrival) {
        return edit(s, draft -> {
            draft.pending.put(event, arrival);
            draft.overtaken &= ~(1 << event);
        });
    }

    private static State edit(State s, Consumer<Draft> change) {
        Draft draft = new Draft(s);
        change.accept(draft);
        return draft.done();
    }

    /** A state that is being changed. */
    private static final class Draft {

        private Optional<Entry> register;
        private long ranOut;
        private final List<Worker> workers;
        private final Map<Integer, Integer> pending;
        private int overtaken;
        private int lastTold;
        private int toldChanges;
        private int crashes;
        private int refusals;
        private int unclear;
        private int slack;
        private int last;

        Draft(State s) {
            register = s.register();
            ranOut = s.ranOut();
            workers = new ArrayList<>(s.workers());
            pending = new HashMap<>(s.pending());
            overtaken = s.overtaken();
            lastTold = s.lastTold();
            toldChanges = s.toldChanges();
            crashes = s.crashes();
            refusals = s.refusals();
            unclear = s.unclear();
            slack = s.slack();
            last = s.last();
        }

        State done() {
            return new State(
                    register,
                    ranOut,
                    List.copyOf(workers),
                    Map.copyOf(pending),
                    overtaken,
                    lastTold,
                    toldChanges,
                    crashes,
                    refusals,
                    unclear,
                    slack,
                    last);
        }
    }
}
