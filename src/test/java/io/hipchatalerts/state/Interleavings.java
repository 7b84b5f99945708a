package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.outcome.Reason;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static final int MOST_CRASHES = 2;
    private static final int MOST_REFUSALS = 2;
    private static final int MOST_UNCLEAR = 2;

    private static final Instant EVENT_ZERO = Instant.parse("2026-05-02T09:15:30Z");
    private static final Instant HOLD_END = EVENT_ZERO.plusSeconds(100);
    private static final Instant WHILE_HELD = HOLD_END.minusSeconds(1);

    /** Arrivals as {@link Draft#done} leaves them: that of the register, and any before. */
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

    /** Where an event is. */
    private sealed interface Stage {

        /**
         * With nobody, and not acknowledged.
         *
         * @param arrival 0, or another where its delivery waits for HipChat without the alert
         * @param overtaken whether another was decided after it, while it waited; known here without a look at what the
         *     protocol counts
         */
        record Pending(int arrival, boolean overtaken) implements Stage {}

        /**
         * In the hands of a worker.
         *
         * @param claimed the record it has written
         * @param holds whether that is in the register still
         * @param ending what HipChat said, once it was asked
         */
        record UnderWay(AlertRecord claimed, boolean holds, Optional<Ending> ending) implements Stage {}

        record Acknowledged() implements Stage {}
    }

    private static final Stage UNTOUCHED = new Stage.Pending(0, false);
    private static final Stage ACKNOWLEDGED = new Stage.Acknowledged();

    /**
     * Everything that can differ.
     *
     * @param register the alert's record
     * @param ranOut whether the hold in it has ended by itself
     * @param events where each is
     * @param lastTold the event whose message HipChat accepted last, -1 for none
     * @param toldChanges the changes of level that were told, one bit each
     * @param slack how many more repetitions would be forgiven: one for each time that the mark was lost after HipChat
     *     had accepted or a holder that stood still beyond its hold made the level unknown, less those that came
     * @param last the event that was decided last for good
     */
    private record State(
            Optional<AlertRecord> register,
            boolean ranOut,
            List<Stage> events,
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
    private final Map<Object, Object> parts = new HashMap<>();
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
        State start = new State(
                Optional.empty(), false, Collections.nCopies(levels.size(), UNTOUCHED), -1, 0, 0, 0, 0, 0, -1);
        reach(start, start);
        while (!open.isEmpty()) {
            State state = open.pop();
            List<Draft> next = next(state);
            next.forEach(draft -> reach(draft.done(), state));
            if (state.events().stream().allMatch(ACKNOWLEDGED::equals)) {
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

    private List<Draft> next(State state) {
        List<Draft> next = new ArrayList<>();
        for (int event = 0; event < levels.size(); event++) {
            Stage stage = state.events().get(event);
            if (stage instanceof Stage.Pending pending) {
                decide(state, event, pending, next);
            } else if (stage instanceof Stage.UnderWay delivery) {
                if (delivery.ending().isEmpty()) {
                    ask(state, event, delivery, next);
                } else {
                    settle(state, event, delivery, next);
                }
                crash(state, event, delivery, next);
            }
        }
        holdRunsOut(state, next);
        return next;
    }

    /**
     * Load, decide and swap are one step here: a swap that does not find what was loaded changes nothing and loads
     * again, so every history has the same effect as one in which nobody comes in between.
     */
    private void decide(State state, int event, Stage.Pending pending, List<Draft> next) {
        Decision decision = StateProtocol.decide(
                state.register().map(this::asTheRulesSeeIt),
                change(event, pending.arrival()),
                state.ranOut() ? HOLD_END : WHILE_HELD,
                HOLD_END);
        if (decision instanceof Decision.Send send) {
            checkArrival(state, event, pending);
            AlertRecord claimed = countedByTheRules(claimedByTheRules(send.claimed()));
            next.add(new Draft(state)
                    .decided(event)
                    .registered(claimed)
                    .at(event, new Stage.UnderWay(claimed, true, Optional.empty())));
        } else if (decision instanceof Decision.Suppress suppress) {
            Draft suppressed = new Draft(state);
            if (suppress.reason() == Reason.UNCHANGED) {
                checkUnchanged(state, event);
                suppressed
                        .decided(event)
                        .registered(countedByTheRules(suppress.next()))
                        .last(event);
            }
            acknowledge(suppressed, event, next);
        }
        // Else somebody holds the alert: answered as busy and delivered again, which changes nothing.
    }

    /** The answer reaches who delivered the event, or the process dies before. */
    private void acknowledge(Draft decided, int event, List<Draft> next) {
        next.add(decided.copy().at(event, ACKNOWLEDGED));
        if (decided.crashes < MOST_CRASHES) {
            // Among events of equal time the redelivered one is the later arrival, and so is told again rightly.
            int excuse = times == Times.EQUAL ? 1 : 0;
            next.add(decided.copy().counted(1, 0, 0, excuse).at(event, UNTOUCHED));
        }
    }

    private void ask(State state, int event, Stage.UnderWay delivery, List<Draft> next) {
        next.add(told(state, event).at(event, asked(delivery, Ending.ACCEPTED)));
        if (state.refusals() < MOST_REFUSALS) {
            next.add(new Draft(state).counted(0, 1, 0, 0).at(event, asked(delivery, Ending.NOT_ACCEPTED)));
        }
        if (state.unclear() < MOST_UNCLEAR) {
            next.add(new Draft(state).counted(0, 0, 1, 0).at(event, asked(delivery, Ending.UNCLEAR)));
            next.add(told(state, event).counted(0, 0, 1, 1).at(event, asked(delivery, Ending.UNCLEAR)));
        }
    }

    private void settle(State state, int event, Stage.UnderWay delivery, List<Draft> next) {
        Ending ending = delivery.ending().orElseThrow();
        Draft settled = new Draft(state);
        if (delivery.holds() || rules == Rules.NO_FENCING) {
            settled.registered(settledByTheRules(event, delivery));
            if (ending == Ending.ACCEPTED) {
                settled.last(event);
            }
        } else if (ending != Ending.NOT_ACCEPTED) {
            state.register()
                    .filter(record -> record.hold().isEmpty())
                    .map(record -> StateProtocol.distrusted(
                            Optional.of(record), delivery.claimed().newest()))
                    .ifPresent(record -> settled.registered(record).counted(0, 0, 0, 1));
        }
        if (ending == Ending.ACCEPTED) {
            acknowledge(settled, event, next);
        } else {
            next.add(settled.copy().at(event, UNTOUCHED));
        }
        if (ending == Ending.NOT_ACCEPTED) {
            // A crash while it waits is a redelivery, which is here already. Who took its hold over came later.
            next.add(settled.at(event, new Stage.Pending(delivery.claimed().arrival(), !delivery.holds())));
        }
    }

    private void crash(State state, int event, Stage.UnderWay delivery, List<Draft> next) {
        if (state.crashes() < MOST_CRASHES) {
            next.add(new Draft(state).counted(1, 0, 0, excuse(delivery)).at(event, UNTOUCHED));
        }
    }

    private void holdRunsOut(State state, List<Draft> next) {
        if (state.ranOut() || state.register().flatMap(AlertRecord::hold).isEmpty()) {
            return;
        }
        Draft after = new Draft(state).ranOut();
        for (int event = 0; event < levels.size(); event++) {
            if (state.events().get(event) instanceof Stage.UnderWay delivery && delivery.holds()) {
                after.counted(0, 0, 0, excuse(delivery))
                        .at(event, delivery.ending().isPresent() ? delivery : asked(delivery, Ending.NOT_ACCEPTED));
            }
        }
        next.add(after);
    }

    /** What HipChat accepted and nobody will write down may be told once more. */
    private static int excuse(Stage.UnderWay lost) {
        return lost.ending().equals(Optional.of(Ending.ACCEPTED)) ? 1 : 0;
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

    private AlertRecord settledByTheRules(int event, Stage.UnderWay delivery) {
        Ending ending = delivery.ending()
                .filter(answer -> rules != Rules.NO_UNKNOWN_LEVEL || answer != Ending.UNCLEAR)
                .orElse(Ending.NOT_ACCEPTED);
        return StateProtocol.settle(delivery.claimed(), levels.get(event), ending);
    }

    // The promises

    /** Promises 2 and 3 at the moment of a message. */
    private Draft told(State state, int event) {
        if (state.lastTold() >= 0 && time(event).isBefore(time(state.lastTold()))) {
            throw violation("An older level was told after a newer one: event " + event, state);
        }
        int change = 1 << firstOfChange(event);
        boolean again = (state.toldChanges() & change) != 0;
        return new Draft(state).told(event, change).counted(0, 0, 0, again ? -1 : 0);
    }

    /** Promise 3: an event that waited does not go after one that came in the meantime. */
    private void checkArrival(State state, int event, Stage.Pending pending) {
        if (pending.overtaken()) {
            throw violation("An event is told after one that overtook it while it waited: event " + event, state);
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
    private int firstOfChange(int event) {
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

    private Change change(int event, int arrival) {
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

    /** States are many and their parts few, so that each part is kept once. */
    @SuppressWarnings("unchecked")
    private <T> T shared(T part) {
        return (T) parts.computeIfAbsent(part, first -> first);
    }

    private static Stage asked(Stage.UnderWay delivery, Ending ending) {
        return new Stage.UnderWay(delivery.claimed(), delivery.holds(), Optional.of(ending));
    }

    /** A state that comes to be, from the one before it. */
    private final class Draft {

        private final Stage[] events;
        private Optional<AlertRecord> register;
        private boolean ranOut;
        private int lastTold;
        private int toldChanges;
        private int crashes;
        private int refusals;
        private int unclear;
        private int slack;
        private int last;

        Draft(State s) {
            events = s.events().toArray(Stage[]::new);
            register = s.register();
            ranOut = s.ranOut();
            lastTold = s.lastTold();
            toldChanges = s.toldChanges();
            crashes = s.crashes();
            refusals = s.refusals();
            unclear = s.unclear();
            slack = s.slack();
            last = s.last();
        }

        Draft copy() {
            return new Draft(asItIs());
        }

        Draft at(int event, Stage stage) {
            events[event] = stage;
            return this;
        }

        /** Taken into account: of the same time, those that wait are the earlier arrivals now. */
        Draft decided(int event) {
            for (int other = 0; other < events.length; other++) {
                if (other != event
                        && events[other] instanceof Stage.Pending pending
                        && pending.arrival() > 0
                        && time(other).equals(time(event))) {
                    events[other] = new Stage.Pending(pending.arrival(), true);
                }
            }
            return this;
        }

        /** Who has written before holds the alert no more. */
        Draft registered(AlertRecord record) {
            register = Optional.of(record);
            ranOut = false;
            for (int event = 0; event < events.length; event++) {
                if (events[event] instanceof Stage.UnderWay delivery) {
                    events[event] = new Stage.UnderWay(delivery.claimed(), false, delivery.ending());
                }
            }
            return this;
        }

        Draft ranOut() {
            ranOut = true;
            return this;
        }

        Draft told(int event, int changes) {
            lastTold = event;
            toldChanges |= changes;
            return this;
        }

        Draft last(int event) {
            last = event;
            return this;
        }

        Draft counted(int crashes, int refusals, int unclear, int slack) {
            this.crashes += crashes;
            this.refusals += refusals;
            this.unclear += unclear;
            this.slack += slack;
            return this;
        }

        /**
         * Arrivals are only compared, so it is enough to tell the register's from all others; histories that differ in
         * nothing but their count are one state then. Where no two times are equal, arrivals are of no account, and a
         * delivery that waits is like one that comes again.
         */
        State done() {
            int arrival = register.map(AlertRecord::arrival).orElse(1);
            register = shared(register.map(record -> fewest(record, arrival)));
            for (int event = 0; event < events.length; event++) {
                if (events[event] instanceof Stage.UnderWay delivery) {
                    events[event] = new Stage.UnderWay(
                            fewest(delivery.claimed(), arrival), delivery.holds(), delivery.ending());
                } else if (events[event] instanceof Stage.Pending pending && pending.arrival() > 0) {
                    events[event] = new Stage.Pending(
                            times == Times.EQUAL ? fewest(pending.arrival(), arrival) : 0, pending.overtaken());
                }
            }
            return asItIs();
        }

        private AlertRecord fewest(AlertRecord record, int arrival) {
            return new AlertRecord(
                    record.told(),
                    record.newest(),
                    times == Times.EQUAL ? fewest(record.arrival(), arrival) : LAST,
                    record.lastSent(),
                    record.hold());
        }

        private static int fewest(int arrival, int last) {
            return arrival == last ? LAST : BEFORE;
        }

        private State asItIs() {
            return new State(
                    register,
                    ranOut,
                    shared(List.of(events)),
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
