package io.hipchatalerts.state;

import static io.hipchatalerts.state.TestRecords.withDoubt;
import static io.hipchatalerts.state.TestRecords.withLastSent;
import static io.hipchatalerts.state.TestRecords.withLastSentAt;
import static io.hipchatalerts.state.TestRecords.withLease;
import static io.hipchatalerts.state.TestRecords.withNewest;
import static java.util.stream.Collectors.joining;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.Reason;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Walks through every order in which the deliveries of up to three events of one alert, and two senders of pending
 * changes, can take {@link AlertProtocol}'s steps, with crashes, refusals, unclear answers, messages that HipChat accepts
 * late, and store writes that land late or whose answer is lost. It checks the promises of contract §5 on the way and in
 * each final state.
 *
 * <p>Time passes by steps of its own. A moment in a record is either still to come or over; a step turns the first into
 * the second. A lease ends by itself only as it really can: its owner has crashed, or has its answer and has not settled
 * yet, or finds by the clock that it must not send any more.
 */
final class Interleavings {

    /**
     * How often each fault may happen in one history.
     *
     * @param crashes a process dies, with what it remembers
     * @param refusals HipChat definitely does not accept a request
     * @param unclear HipChat gives no clear answer, and accepts the message at once, late or never
     * @param lost the store gives no answer to a write, which lands at once, late or never
     * @param freezes a worker stands still beyond the end of its lease
     */
    record Bounds(int crashes, int refusals, int unclear, int lost, int freezes) {

        private static final Bounds NONE = new Bounds(0, 0, 0, 0, 0);

        Bounds plus(Bounds other) {
            return new Bounds(
                    crashes + other.crashes,
                    refusals + other.refusals,
                    unclear + other.unclear,
                    lost + other.lost,
                    freezes + other.freezes);
        }
    }

    private static final Instant EVENT_ZERO = Instant.parse("2026-05-02T09:15:30Z");
    private static final Instant NOW = EVENT_ZERO.plusSeconds(100);
    private static final Instant OVER = NOW.minusSeconds(1);
    private static final Instant LEASE_END = NOW.plusSeconds(100);

    /** The window of requests whose process crashed; it ends with the lease. */
    private static final int UNTIL_LEASE_END = 0;

    /** What becomes of an event whose delivery fails or whose process dies. */
    enum Senders {
        /** It is delivered again until it is answered; it cannot be kept, so nobody else sends it. */
        RETRY_AND_NOTHING_IS_KEPT(true, false),
        /** It is delivered once. What was claimed or answered as pending is sent by the senders of pending changes. */
        NEVER_RETRY(false, true),
        /** Both: it is delivered again, and the senders of pending changes send it. */
        RETRY(true, true);

        private final boolean isRedelivered;
        private final boolean isKept;

        Senders(boolean isRedelivered, boolean isKept) {
            this.isRedelivered = isRedelivered;
            this.isKept = isKept;
        }
    }

    /** The order of the events' times. */
    enum Times {
        RISING,
        EQUAL,
        FALLING
    }

    /** The protocol as it is, and with one part taken out. */
    enum Rules {
        PRODUCTION,
        NO_DOUBT,
        NO_OWNER,
        NO_UNKNOWN_LEVEL,
        NO_NEWEST_TIME,
        NO_LEASE,
        NO_PLACE,
        NO_RECONCILE,
        /** A claim does not put its event into the record. */
        NO_EVENT_IN_THE_RECORD,
        /** A pending change stays when a newer event is considered. */
        NO_REPLACEMENT,
        /** A pending change is sent as it was found. */
        NO_SECOND_DECISION,
        /** A pending change is sent while another delivery has the lease. */
        NO_WAIT_FOR_THE_LEASE
    }

    /** A promise is broken; the message has the history. */
    static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Violation(String message) {
            super(message);
        }
    }

    /** The place of an event's delivery, or of a sender of pending changes. */
    private sealed interface Stage {

        /**
         * Not acknowledged: its sender delivers it again, or its delivery waits for the next try.
         *
         * @param isRetry whether its delivery waits
         */
        record Open(boolean isRetry) implements Stage {}

        /** Leased, before the request. */
        record Leased(int event, long owner) implements Stage {}

        /** Answered by HipChat, before the settlement. */
        record Answered(int event, long owner, SendResult result) implements Stage {}

        /** The event was taken, and is not delivered again. */
        record Acknowledged() implements Stage {}

        /** The event was answered as failed before the function took it, and is not delivered again. */
        record Failed() implements Stage {}

        /** A sender of pending changes that has nothing to do. */
        record Idle() implements Stage {}
    }

    /** A fact that the process remembers. */
    private record Fact(int event, Unconfirmed.Settlement settlement) {}

    /**
     * A write that may still land. It replaces the record that is there now.
     *
     * @param event the event that counts as considered when the write lands, -1 for none
     */
    private record Write(AlertState record, int event) {}

    /** An abandoned request that HipChat can still accept while its window is open. */
    private record Late(int event, int window, long owner) {}

    private static final Stage UNTOUCHED = new Stage.Open(false);
    private static final Stage ACKNOWLEDGED = new Stage.Acknowledged();
    private static final Stage FAILED = new Stage.Failed();
    private static final Stage IDLE = new Stage.Idle();
    private static final Comparator<Stage> BUSY_SENDERS_LAST =
            Comparator.<Stage, Boolean>comparing(stage -> stage != IDLE).thenComparing(Object::toString);
    private static final int SENDERS = 2;

    private static final Bounds CRASH = new Bounds(1, 0, 0, 0, 0);
    private static final Bounds REFUSAL = new Bounds(0, 1, 0, 0, 0);
    private static final Bounds UNCLEAR = new Bounds(0, 0, 1, 0, 0);
    private static final Bounds LOST = new Bounds(0, 0, 0, 1, 0);
    private static final Bounds FREEZE = new Bounds(0, 0, 0, 0, 1);

    /** A repetition may come before its excuse, but not more than that many. */
    private static final int MAX_UNEXCUSED = 4;

    private static final StoredAlert ALERT = new StoredAlert("", Optional.empty(), Optional.empty(), "", "");
    private static final SendResult ACCEPTED = new SendResult.Accepted("204");
    private static final SendResult NOT_SENT = new SendResult.NotSent("429", Optional.empty(), true);

    /**
     * Everything that can differ.
     *
     * @param register the alert's record
     * @param inFlight the writes that may still land
     * @param stages the places of the events' deliveries, then those of the senders of pending changes
     * @param late the abandoned requests
     * @param facts what the process has to record
     * @param order the events that were considered, the last one last; a retry keeps its place
     * @param shown the event whose message the room shows last, -1 for none
     * @param hasArrivedAgain whether that event has arrived once more since then
     * @param changes the changes of level that were sent, one bit each
     * @param slack how many more repetitions are forgiven
     * @param windows how many windows of unclear requests have ended
     * @param faults the faults that have happened
     */
    private record State(
            Optional<AlertState> register,
            List<Write> inFlight,
            List<Stage> stages,
            List<Late> late,
            List<Fact> facts,
            List<Integer> order,
            int shown,
            boolean hasArrivedAgain,
            int changes,
            int slack,
            int windows,
            Bounds faults) {

        int crashes() {
            return faults.crashes();
        }

        int unclear() {
            return faults.unclear();
        }

        int lost() {
            return faults.lost();
        }

        // Equal parts are the same object, so that comparing two states does not look into them.

        @Override
        @SuppressWarnings({"ReferenceEquality", "OptionalEquality"})
        public boolean equals(Object other) {
            return other instanceof State that
                    && register == that.register
                    && inFlight == that.inFlight
                    && stages == that.stages
                    && late == that.late
                    && facts == that.facts
                    && order == that.order
                    && faults.equals(that.faults)
                    && Arrays.equals(numbers(), that.numbers());
        }

        @Override
        public int hashCode() {
            int hash = 31 * Arrays.hashCode(numbers()) + faults.hashCode();
            for (Object part : new Object[] {register, inFlight, stages, late, facts, order}) {
                hash = 31 * hash + System.identityHashCode(part);
            }
            return hash;
        }

        private int[] numbers() {
            return new int[] {shown, hasArrivedAgain ? 1 : 0, changes, slack, windows};
        }
    }

    private final List<Level> levels;
    private final Times times;
    private final Senders senders;
    private final Rules rules;
    private final Bounds bounds;
    private final Map<Object, Object> parts = new HashMap<>();
    private final Map<State, State> cameFrom = new HashMap<>();
    private final Deque<State> open = new ArrayDeque<>();
    private int finalStates;

    Interleavings(List<Level> levels, Times times, Senders senders, Rules rules, Bounds bounds) {
        this.levels = levels;
        this.times = times;
        this.senders = senders;
        this.rules = rules;
        this.bounds = bounds;
    }

    int states() {
        return cameFrom.size();
    }

    int finalStates() {
        return finalStates;
    }

    /** @throws Violation when a promise is broken anywhere */
    void explore() {
        List<Stage> stages = Stream.concat(
                        Collections.nCopies(levels.size(), UNTOUCHED).stream(),
                        Collections.nCopies(senders.isKept ? SENDERS : 0, IDLE).stream())
                .toList();
        State start = new State(
                Optional.empty(), List.of(), stages, List.of(), List.of(), List.of(), -1, false, 0, 0, 0, Bounds.NONE);
        Stream.of(start.register(), List.of(), stages).forEach(part -> parts.put(part, part));
        reach(start, start);
        while (!open.isEmpty()) {
            State state = open.pop();
            List<Draft> next = next(state);
            next.forEach(draft -> reach(draft.done(), state));
            if (isFinal(state)) {
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
        if (state.slack() < -MAX_UNEXCUSED) {
            throw violation("A change was sent twice, and again", state);
        }
    }

    private boolean isFinal(State state) {
        boolean isAllDone = state.stages().stream()
                .allMatch(stage -> stage.equals(ACKNOWLEDGED) || stage.equals(FAILED) || stage.equals(IDLE));
        boolean isSomethingLeft = senders.isKept
                && state.register()
                        .filter(record -> record.pending().isPresent() || record.isLeasedAt(NOW))
                        .isPresent();
        return isAllDone && !isSomethingLeft && state.late().isEmpty();
    }

    private List<Draft> next(State state) {
        List<Draft> next = new ArrayList<>();
        for (int worker = 0; worker < state.stages().size(); worker++) {
            Stage stage = state.stages().get(worker);
            if (stage instanceof Stage.Open waiting) {
                decide(state, worker, waiting, next);
            } else if (stage instanceof Stage.Leased leased) {
                ask(state, worker, leased, next);
            } else if (stage instanceof Stage.Answered answered) {
                settle(state, worker, answered, next);
            }
        }
        sendPending(state, next);
        reconcile(state, next);
        forget(state, next);
        land(state, next);
        acceptLate(state, next);
        endWindow(state, next);
        endLease(state, next);
        return next;
    }

    // The steps of a delivery

    /**
     * Load, decide and compare-and-set are one step: a write that does not find the record that was loaded changes
     * nothing and loads again, so every history has the same effect as one in which nobody comes in between.
     */
    private void decide(State state, int event, Stage.Open waiting, List<Draft> next) {
        ClaimRequest request = request(state, event, waiting.isRetry() && rules != Rules.NO_PLACE);
        Optional<AlertState> known = state.register().map(this::asTheRulesSeeIt);
        Decision decision = AlertProtocol.decide(known, request, NOW);
        if (decision instanceof Decision.Send send) {
            AlertState leased = byTheRules(state, send.next());
            next.add(new Draft(state)
                    .considered(event, waiting.isRetry())
                    .write(leased)
                    .at(event, new Stage.Leased(event, request.owner())));
            if (state.lost() < bounds.lost()) {
                Draft lost = lose(state, lostClaim(event, request)).at(event, failed(waiting));
                landNowOrLater(lost, event, waiting, leased, next);
            }
        } else if (decision instanceof Decision.Suppress suppress) {
            suppress(state, event, waiting, suppress, next);
            return;
        }
        // Else it waits, and decides again when something has changed.
        if (senders.isKept && (decision instanceof Decision.Wait || !waiting.isRetry())) {
            // Its time is up, or its room is known to be unavailable.
            keep(state, event, waiting, AlertProtocol.keep(known, request, NOW, NOW), next);
        }
    }

    private void keep(State state, int event, Stage.Open waiting, Decision decision, List<Draft> next) {
        AlertState kept = byTheRules(state, ((Decision.Keep) decision).next());
        acknowledge(new Draft(state).considered(event, waiting.isRetry()).write(kept), event, next);
        if (state.lost() < bounds.lost()) {
            // The delivery fails if its time is up, or goes on to claim. Among events of equal time it arrives again
            // then.
            for (Stage after : List.of(failed(waiting), waiting)) {
                Draft lost = new Draft(state)
                        .count(LOST)
                        .forgive(times == Times.EQUAL ? 1 : 0)
                        .at(event, after);
                landNowOrLater(lost, event, waiting, kept, next);
            }
        }
    }

    private void suppress(State state, int event, Stage.Open waiting, Decision.Suppress suppress, List<Draft> next) {
        boolean isStale = suppress.reason() == Reason.STALE;
        if (!isStale) {
            checkUnchanged(state, event);
        }
        AlertState after = isStale ? suppress.next() : byTheRules(state, suppress.next());
        if (isStale || state.register().equals(Optional.of(Draft.essence(after)))) {
            Draft decided = new Draft(state);
            acknowledge(isStale ? decided : decided.considered(event, waiting.isRetry()), event, next);
            return;
        }
        acknowledge(new Draft(state).considered(event, waiting.isRetry()).write(after), event, next);
        if (state.lost() < bounds.lost()) {
            landNowOrLater(new Draft(state).count(LOST).at(event, failed(waiting)), event, waiting, after, next);
        }
    }

    /** A write without an answer lands at once, late or never. */
    private static void landNowOrLater(Draft lost, int event, Stage.Open waiting, AlertState record, List<Draft> next) {
        next.add(lost.copy().considered(event, waiting.isRetry()).write(record));
        next.add(lost.inFlight(record, event));
    }

    /**
     * A sender looks and claims in one step: a change that it found earlier and that is not pending any more is stale, and
     * one that still is has the same effect as one found now.
     */
    private void sendPending(State state, List<Draft> next) {
        int sender = state.stages().indexOf(IDLE);
        Optional<Pending> pending = state.register().flatMap(AlertState::pending);
        boolean isLeased =
                state.register().filter(record -> record.isLeasedAt(NOW)).isPresent();
        if (sender < 0 || pending.isEmpty() || (isLeased && rules != Rules.NO_WAIT_FOR_THE_LEASE)) {
            return;
        }
        int event = eventOf(pending.orElseThrow().change());
        ClaimRequest request = request(state, event, rules != Rules.NO_PLACE);
        Decision decision = AlertProtocol.decide(state.register().map(this::asTheSenderSeesIt), request, NOW);
        if (decision instanceof Decision.Send send) {
            AlertState leased = byTheRules(state, send.next());
            next.add(new Draft(state).write(leased).at(sender, new Stage.Leased(event, request.owner())));
            if (state.lost() < bounds.lost()) {
                next.add(lose(state, lostClaim(event, request)).write(leased));
                next.add(lose(state, lostClaim(event, request)).inFlight(leased, event));
            }
        } else if (decision instanceof Decision.Suppress suppress && suppress.reason() == Reason.UNCHANGED) {
            checkUnchanged(state, event);
            next.add(new Draft(state).write(byTheRules(state, suppress.next())));
            if (state.lost() < bounds.lost()) {
                next.add(new Draft(state).count(LOST).inFlight(byTheRules(state, suppress.next()), event));
            }
        }
    }

    private ClaimRequest request(State state, int event, boolean isRetry) {
        return new ClaimRequest(
                change(event),
                Optional.of(ALERT).filter(alert -> senders.isKept),
                isRetry,
                owner(state, event),
                LEASE_END);
    }

    private Fact lostClaim(int event, ClaimRequest request) {
        return new Fact(
                event,
                new Unconfirmed.Settlement(change(event), request.owner(), NOT_SENT, Optional.empty(), false, false));
    }

    /** The claim's answer is lost: the event is answered as failed, and the process remembers that it may hold a lease. */
    private Draft lose(State state, Fact fact) {
        return new Draft(state).count(LOST).fact(fact);
    }

    /** Returns the place of an event after an answer that says that it failed. */
    private Stage failed(Stage.Open waiting) {
        if (senders.isRedelivered) {
            return UNTOUCHED;
        }
        return waiting.isRetry() ? ACKNOWLEDGED : FAILED;
    }

    /** Returns the place of a worker whose delivery ended without success: somebody else goes on with it. */
    private Stage gone(int worker) {
        if (worker >= levels.size()) {
            return IDLE;
        }
        return senders.isRedelivered ? UNTOUCHED : ACKNOWLEDGED;
    }

    private void ask(State state, int worker, Stage.Leased leased, List<Draft> next) {
        int event = leased.event();
        long owner = leased.owner();
        next.add(accepted(state, event).at(worker, new Stage.Answered(event, owner, ACCEPTED)));
        if (state.faults().refusals() < bounds.refusals()) {
            next.add(new Draft(state).count(REFUSAL).at(worker, new Stage.Answered(event, owner, NOT_SENT)));
        }
        if (state.unclear() < bounds.unclear()) {
            int window = state.unclear() + 1;
            Stage answered =
                    new Stage.Answered(event, owner, new SendResult.InDoubt("", Optional.empty(), windowEnd(window)));
            next.add(accepted(state, event).count(UNCLEAR).forgive(1).at(worker, answered));
            next.add(new Draft(state)
                    .count(UNCLEAR)
                    .forgive(1)
                    .late(new Late(event, window, owner))
                    .at(worker, answered));
        }
        if (state.crashes() < bounds.crashes()) {
            next.add(new Draft(state).count(CRASH).at(worker, gone(worker)));
            next.add(new Draft(state)
                    .count(CRASH)
                    .forgive(1)
                    .late(new Late(event, UNTIL_LEASE_END, owner))
                    .at(worker, gone(worker)));
        }
    }

    private void settle(State state, int worker, Stage.Answered answered, List<Draft> next) {
        if (answered.result() == ACCEPTED) {
            settle(state, worker, answered, Optional.empty(), worker < levels.size() ? ACKNOWLEDGED : IDLE, next);
        } else if (worker >= levels.size()) {
            settle(state, worker, answered, Optional.of(NOW), IDLE, next);
        } else {
            // Without a next try, an event that can be kept is answered as pending, else as failed.
            Optional<Instant> due = Optional.of(NOW).filter(now -> senders.isKept);
            settle(state, worker, answered, due, senders.isKept ? ACKNOWLEDGED : UNTOUCHED, next);
            settle(state, worker, answered, Optional.of(NOW), new Stage.Open(true), next);
        }
        if (state.crashes() < bounds.crashes()) {
            next.add(new Draft(state)
                    .count(CRASH)
                    .forgive(answered.result() == ACCEPTED ? 1 : 0)
                    .at(worker, gone(worker)));
        }
    }

    private void settle(
            State state, int worker, Stage.Answered answered, Optional<Instant> due, Stage after, List<Draft> next) {
        int event = answered.event();
        Optional<AlertState> leased = state.register()
                .filter(record -> record.isLeasedBy(answered.owner())
                        || (rules == Rules.NO_OWNER && record.lease().isPresent()));
        boolean isLate = leased.map(record -> !record.isLeasedAt(NOW)).orElse(true);
        Fact fact = new Fact(
                event,
                new Unconfirmed.Settlement(
                        change(event), answered.owner(), resultByTheRules(answered.result()), due, isLate, true));
        if (leased.isEmpty()) {
            // Taken over, after the lease had ended. The process records that the level is unknown.
            boolean isForgiven = answered.result() != NOT_SENT && rules != Rules.NO_WAIT_FOR_THE_LEASE;
            end(new Draft(state).fact(fact).forgive(isForgiven ? 1 : 0), worker, after, next);
            return;
        }
        AlertState settled = AlertProtocol.settle(
                leased.orElseThrow(), change(event), resultByTheRules(answered.result()), due, NOW);
        end(new Draft(state).write(settled), worker, after, next);
        if (state.lost() < bounds.lost()) {
            // Past the lease, the process does not know whether others wrote, and makes the level unknown.
            int repetitions = isLate ? 1 : 0;
            Draft lost = lose(state, fact).forgive(repetitions);
            end(lost.copy().write(settled), worker, after, next);
            end(lost.inFlight(settled, -1), worker, after, next);
        }
    }

    private void end(Draft settled, int worker, Stage after, List<Draft> next) {
        if (after.equals(ACKNOWLEDGED)) {
            acknowledge(settled, worker, next);
        } else {
            next.add(settled.at(worker, after));
        }
    }

    /** The answer reaches the sender, or the process dies before and the event comes again. */
    private void acknowledge(Draft decided, int event, List<Draft> next) {
        if (senders.isRedelivered && decided.faults.crashes() < bounds.crashes()) {
            // Among events of equal time the redelivered one is the later arrival, and is sent again rightly.
            next.add(decided.copy()
                    .count(CRASH)
                    .forgive(times == Times.EQUAL ? 1 : 0)
                    .at(event, UNTOUCHED));
        }
        next.add(decided.at(event, ACKNOWLEDGED));
    }

    // The steps of the process, the store, HipChat and time

    private void reconcile(State state, List<Draft> next) {
        if (state.facts().isEmpty() || rules == Rules.NO_RECONCILE) {
            return;
        }
        Optional<AlertState> record = state.register();
        boolean isChanged = false;
        for (Fact fact : state.facts()) {
            Optional<AlertState> after = AlertProtocol.reconcile(record, fact.settlement(), NOW);
            if (after.isPresent()) {
                record = after;
                isChanged = true;
            }
        }
        Draft reconciled = new Draft(state).forgetFacts();
        next.add(isChanged ? reconciled.write(record.orElseThrow()) : reconciled);
    }

    private void forget(State state, List<Draft> next) {
        if (!state.facts().isEmpty() && state.crashes() < bounds.crashes()) {
            next.add(new Draft(state)
                    .count(CRASH)
                    .forgive((int) state.facts().stream()
                            .filter(fact -> fact.settlement().result() == ACCEPTED)
                            .count())
                    .forgetFacts());
        }
    }

    private void land(State state, List<Draft> next) {
        for (Write write : state.inFlight()) {
            Draft landed = new Draft(state).write(write.record());
            next.add(write.event() < 0 ? landed : landed.considered(write.event(), false));
        }
    }

    private void acceptLate(State state, List<Draft> next) {
        for (Late request : state.late()) {
            next.add(accepted(state, request.event()).accepted(request));
        }
    }

    /** The next window ends: HipChat accepts none of its requests any more, and every moment that marks it is over. */
    private void endWindow(State state, List<Draft> next) {
        int window = state.windows() + 1;
        if (window <= state.unclear()) {
            next.add(new Draft(state).windowEnded(window));
        }
    }

    private void endLease(State state, List<Draft> next) {
        Optional<Lease> lease = state.register().flatMap(AlertState::lease).filter(it -> it.until()
                .equals(LEASE_END));
        if (lease.isEmpty()) {
            return;
        }
        long owner = lease.orElseThrow().owner();
        // The store comes back within the lease, and the process records what it remembers (contract §5, promise 2).
        boolean isRemembered = rules != Rules.NO_RECONCILE
                && state.facts().stream().anyMatch(fact -> fact.settlement().owner() == owner);
        boolean isHeld = state.stages().stream()
                .anyMatch(stage -> (stage instanceof Stage.Leased leased && leased.owner() == owner)
                        || (stage instanceof Stage.Answered answered && answered.owner() == owner));
        if (!isRemembered && (!isHeld || state.faults().freezes() < bounds.freezes())) {
            next.add(new Draft(state).leaseEnded(owner, isHeld));
        }
    }

    // The parts that the rules leave out

    private AlertState asTheRulesSeeIt(AlertState record) {
        return switch (rules) {
            case NO_NEWEST_TIME -> withNewest(record, Instant.MIN);
            case NO_LEASE -> withLease(record, Optional.empty());
            case NO_DOUBT -> withDoubt(record, Optional.empty());
            default -> record;
        };
    }

    private AlertState asTheSenderSeesIt(AlertState record) {
        return switch (rules) {
            case NO_WAIT_FOR_THE_LEASE -> withLease(record, Optional.empty());
            case NO_SECOND_DECISION -> withLastSent(record, LastSent.UNKNOWN);
            default -> asTheRulesSeeIt(record);
        };
    }

    /** Returns the record after a decision, without the part that the rules leave out. */
    private AlertState byTheRules(State state, AlertState next) {
        Optional<Pending> known = state.register().flatMap(AlertState::pending);
        return switch (rules) {
            case NO_UNKNOWN_LEVEL ->
                withLastSent(next, next.lease().map(Lease::before).orElse(next.lastSent()));
            case NO_EVENT_IN_THE_RECORD -> next.lease().isPresent() ? next.withPending(Optional.empty()) : next;
            case NO_REPLACEMENT -> known.isPresent() ? next.withPending(known) : next;
            default -> next;
        };
    }

    private SendResult resultByTheRules(SendResult result) {
        return rules == Rules.NO_UNKNOWN_LEVEL && result instanceof SendResult.InDoubt ? NOT_SENT : result;
    }

    // The promises

    /** Promises 2 and 3, whenever the room gets a message. */
    private Draft accepted(State state, int event) {
        if (state.shown() >= 0
                && !state.hasArrivedAgain()
                && isOlder(state, event, state.shown())
                && levels.get(event) != levels.get(state.shown())) {
            throw violation("An older level came after a newer one: event " + event, state);
        }
        int change = 1 << firstOfChange(event);
        boolean isAgain = (state.changes() & change) != 0;
        return new Draft(state).shown(event, change).forgive(isAgain ? -1 : 0);
    }

    /** Promise 1: the room shows every level that is suppressed as unchanged. */
    private void checkUnchanged(State state, int event) {
        Level level = levels.get(event);
        boolean isShown = state.shown() < 0 ? level == Level.OK : levels.get(state.shown()) == level;
        if (!isShown) {
            throw violation("Event " + event + " was lost: suppressed as unchanged, but the room shows another", state);
        }
    }

    private void checkFinal(State state) {
        if (state.slack() < 0) {
            throw violation("A change was sent twice", state);
        }
        Optional<Integer> newest = IntStream.range(0, levels.size())
                .filter(event -> !state.stages().get(event).equals(FAILED))
                .boxed()
                .reduce((one, other) -> isOlder(state, one, other) ? other : one);
        if (newest.isEmpty()) {
            return;
        }
        Level truth = levels.get(newest.orElseThrow());
        Level shown = state.shown() < 0 ? Level.OK : levels.get(state.shown());
        // A newer event that was answered as failed may be in the record all the same.
        boolean isShown = shown == truth
                || IntStream.range(0, levels.size())
                        .filter(event -> levels.get(event) == shown && isConsidered(state, event))
                        .anyMatch(event -> isOlder(state, newest.orElseThrow(), event));
        if (!isShown) {
            throw violation("The room does not show " + truth + " in the end", state);
        }
    }

    private boolean isConsidered(State state, int event) {
        return times == Times.EQUAL
                ? state.order().contains(firstOfSame(event))
                : state.register()
                        .filter(record -> !record.newest().isBefore(time(event)))
                        .isPresent();
    }

    private boolean isOlder(State state, int event, int other) {
        int byTime = time(event).compareTo(time(other));
        return byTime < 0
                || (byTime == 0
                        && state.order().indexOf(firstOfSame(event))
                                < state.order().indexOf(firstOfSame(other)));
    }

    /** Events of equal time and level are the same event (contract §5a); the first of them stands for all. */
    private int firstOfSame(int event) {
        return times == Times.EQUAL ? levels.indexOf(levels.get(event)) : event;
    }

    /**
     * Returns the change of level that an event belongs to, named by its first event: events of one level that follow
     * each other in time are one change. Where different levels have equal times, each event is a change of its own.
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
        List<State> history = new ArrayList<>();
        for (State at = state; !history.contains(at); at = cameFrom.get(at)) {
            history.add(0, at);
        }
        return new Violation("%s, levels %s, times %s, senders %s%s"
                .formatted(
                        what,
                        levels,
                        times,
                        senders,
                        history.stream().map(step -> "\n  " + step).collect(joining())));
    }

    // Small steps

    private int eventOf(Change change) {
        return IntStream.range(0, levels.size())
                .filter(event -> change(event).equals(change))
                .findFirst()
                .orElseThrow();
    }

    private Change change(int event) {
        Optional<Level> previous = event == 0 ? Optional.empty() : Optional.of(levels.get(event - 1));
        return new Change(levels.get(event), previous, time(event), Optional.empty());
    }

    private Instant time(int event) {
        return switch (times) {
            case RISING -> EVENT_ZERO.plusSeconds(event);
            case EQUAL -> EVENT_ZERO;
            case FALLING -> EVENT_ZERO.minusSeconds(event);
        };
    }

    private static Instant windowEnd(int window) {
        return NOW.plusSeconds(window);
    }

    /** Returns the smallest owner of the event that nothing knows any more, so that states stay few. */
    private long owner(State state, int event) {
        long owner = event;
        while (isKnown(state, owner)) {
            owner += levels.size();
        }
        return owner;
    }

    private static boolean isKnown(State state, long owner) {
        return Stream.concat(
                                state.register().stream(),
                                state.inFlight().stream().map(Write::record))
                        .anyMatch(record -> record.isLeasedBy(owner))
                || state.facts().stream().anyMatch(fact -> fact.settlement().owner() == owner)
                || state.late().stream().anyMatch(request -> request.owner() == owner)
                || state.stages().stream()
                        .anyMatch(stage -> (stage instanceof Stage.Leased leased && leased.owner() == owner)
                                || (stage instanceof Stage.Answered answered && answered.owner() == owner));
    }

    /**
     * States are many and their parts few, so that each part is kept once.
     *
     * @param known the part of the state before, which is kept already
     */
    @SuppressWarnings("unchecked")
    private <T> T shared(T part, T known) {
        return part == known ? known : (T) parts.computeIfAbsent(part, first -> first);
    }

    /** A state that comes to be, from the one before it. */
    private final class Draft {

        private final State from;
        private final Stage[] stages;
        private Optional<AlertState> register;
        private List<Write> inFlight;
        private List<Late> late;
        private List<Fact> facts;
        private List<Integer> order;
        private int shown;
        private boolean hasArrivedAgain;
        private int changes;
        private int slack;
        private int windows;
        private Bounds faults;

        Draft(State s) {
            from = s;
            stages = s.stages().toArray(Stage[]::new);
            register = s.register();
            inFlight = s.inFlight();
            late = s.late();
            facts = s.facts();
            order = s.order();
            shown = s.shown();
            hasArrivedAgain = s.hasArrivedAgain();
            changes = s.changes();
            slack = s.slack();
            windows = s.windows();
            faults = s.faults();
        }

        Draft copy() {
            return new Draft(done());
        }

        Draft at(int worker, Stage stage) {
            stages[worker] = stage;
            return this;
        }

        /** A write has landed: none that expected the record before it can land any more. */
        Draft write(AlertState record) {
            register = Optional.of(essence(record));
            inFlight = List.of();
            return this;
        }

        Draft inFlight(AlertState record, int event) {
            inFlight = sorted(Stream.concat(inFlight.stream(), Stream.of(new Write(essence(record), event))));
            return this;
        }

        /** Without the parts that decide nothing here, so that histories that differ in them alone are one state. */
        private static AlertState essence(AlertState record) {
            return withLastSentAt(record, Optional.empty())
                    .withPending(record.pending()
                            .map(waiting -> new Pending(0, waiting.change(), NOW, NOW, waiting.alert())));
        }

        Draft fact(Fact fact) {
            facts = sorted(Stream.concat(facts.stream(), Stream.of(fact)));
            return this;
        }

        Draft forgetFacts() {
            facts = List.of();
            return this;
        }

        Draft late(Late request) {
            late = sorted(Stream.concat(late.stream(), Stream.of(request)));
            return this;
        }

        Draft accepted(Late request) {
            late = late.stream().filter(other -> !other.equals(request)).toList();
            return this;
        }

        /** A retry keeps the place of its event's arrival. */
        Draft considered(int event, boolean isRetry) {
            int first = firstOfSame(event);
            if (times == Times.EQUAL && !(isRetry && order.contains(first))) {
                hasArrivedAgain = hasArrivedAgain || (shown >= 0 && firstOfSame(shown) == first);
                order = Stream.concat(order.stream().filter(other -> other != first), Stream.of(first))
                        .toList();
            }
            return this;
        }

        Draft shown(int event, int change) {
            boolean isNewer = shown < 0
                    || levels.get(shown) != levels.get(event)
                    || time(shown).isBefore(time(event));
            hasArrivedAgain = false;
            shown = isNewer || times == Times.EQUAL ? event : shown;
            changes |= change;
            return this;
        }

        Draft forgive(int repetitions) {
            slack += repetitions;
            return this;
        }

        Draft count(Bounds fault) {
            faults = faults.plus(fault);
            return this;
        }

        Draft leaseEnded(long owner, boolean isHeld) {
            count(isHeld ? FREEZE : Bounds.NONE);
            register = register.map(record -> leaseEnded(record, owner));
            // A lease lasts longer than HipChat can accept any of its requests (promise 5).
            late = late.stream().filter(request -> request.owner() != owner).toList();
            for (int worker = 0; worker < stages.length; worker++) {
                if (stages[worker] instanceof Stage.Leased leased && leased.owner() == owner) {
                    stages[worker] = new Stage.Answered(leased.event(), owner, NOT_SENT);
                } else if (stages[worker] instanceof Stage.Answered answered && answered.owner() == owner) {
                    forgive(answered.result() == ACCEPTED ? 1 : 0);
                }
            }
            return this;
        }

        private static AlertState leaseEnded(AlertState record, long owner) {
            Optional<Lease> over =
                    record.lease().map(lease -> new Lease(lease.owner(), OVER, lease.before(), lease.disputed()));
            return record.isLeasedBy(owner) ? withLease(record, over) : record;
        }

        Draft windowEnded(int window) {
            windows = window;
            late = late.stream().filter(request -> request.window() != window).toList();
            UnaryOperator<AlertState> over = record -> windowEnded(record, windowEnd(window));
            register = register.map(over);
            inFlight = inFlight.stream()
                    .map(write -> new Write(over.apply(write.record()), write.event()))
                    .toList();
            facts = facts.stream()
                    .map(fact -> new Fact(
                            fact.event(),
                            new Unconfirmed.Settlement(
                                    fact.settlement().change(),
                                    fact.settlement().owner(),
                                    windowEnded(fact.settlement().result(), windowEnd(window)),
                                    fact.settlement().due(),
                                    fact.settlement().isLate(),
                                    fact.settlement().isClaimConfirmed())))
                    .toList();
            for (int worker = 0; worker < stages.length; worker++) {
                if (stages[worker] instanceof Stage.Answered answered) {
                    stages[worker] = new Stage.Answered(
                            answered.event(), answered.owner(), windowEnded(answered.result(), windowEnd(window)));
                }
            }
            return this;
        }

        private static SendResult windowEnded(SendResult result, Instant end) {
            return result instanceof SendResult.InDoubt doubt && doubt.until().equals(end)
                    ? new SendResult.InDoubt(doubt.detail(), doubt.retryAt(), OVER)
                    : result;
        }

        /** A doubt that is over counts as none. */
        private static AlertState windowEnded(AlertState record, Instant end) {
            return withDoubt(
                    record, record.inDoubt().filter(doubt -> !doubt.until().equals(end)));
        }

        private static <T> List<T> sorted(Stream<T> parts) {
            return parts.sorted(Comparator.comparing(Object::toString)).toList();
        }

        State done() {
            // The senders of pending changes are alike.
            Arrays.sort(stages, levels.size(), stages.length, BUSY_SENDERS_LAST);
            return new State(
                    shared(register, from.register()),
                    shared(inFlight, from.inFlight()),
                    shared(List.of(stages), null),
                    shared(late, from.late()),
                    shared(facts, from.facts()),
                    shared(order, from.order()),
                    shown,
                    hasArrivedAgain,
                    changes,
                    slack,
                    windows,
                    faults);
        }
    }
}
