package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * State changes only, as pure functions over the record of one alert (contract §5). The store's compare-and-set applies
 * them one after the other, whatever the number of instances.
 *
 * <p>Five parts keep the promises: the lease, its owner (only the owner settles it), the unknown level from the claim
 * until a clear answer, the newest event time, and the time for which an unanswered request stays in doubt. The
 * interleaving test shows that each is needed.
 */
public final class AlertProtocol {

    private AlertProtocol() {}

    /**
     * Decides whether an event is news to its room.
     *
     * @param known the record in the store; empty when there is none
     * @param request the delivery that asks
     * @param now the time, from the same clock as the moments in the record
     */
    public static Decision decide(Optional<AlertState> known, ClaimRequest request, Instant now) {
        AlertState state = known.orElse(AlertState.INITIAL);
        Change change = request.change();
        if (change.time().isBefore(state.newest())) {
            return new Decision.Suppress(Reason.STALE, state);
        }
        if (request.isRetry() && change.time().equals(state.newest()) && !isPending(state, change)) {
            // Another event of the same time replaced it, or another delivery sent it.
            return new Decision.Suppress(isNews(state, change) ? Reason.STALE : Reason.UNCHANGED, state);
        }
        if (state.isLeasedAt(now)) {
            return new Decision.Wait(state.lease().orElseThrow().until());
        }
        Optional<InDoubt> inDoubt = state.inDoubt().filter(doubt -> now.isBefore(doubt.until()));
        if (inDoubt.filter(doubt -> doubt.blocks(change.level(), now)).isPresent()) {
            return new Decision.Wait(inDoubt.orElseThrow().until());
        }
        if (!isNews(state, change)) {
            return new Decision.Suppress(
                    Reason.UNCHANGED,
                    new AlertState(
                            state.lastSent(),
                            state.lastSentAt(),
                            change.time(),
                            Optional.empty(),
                            inDoubt,
                            Optional.empty()));
        }
        return new Decision.Send(new AlertState(
                LastSent.UNKNOWN,
                state.lastSentAt(),
                change.time(),
                Optional.of(new Lease(request.owner(), request.leaseUntil(), state.lastSent(), false)),
                inDoubt,
                Optional.of(pending(state, request, now))));
    }

    /**
     * Decides about an event that cannot be sent now: its room is unavailable, or its delivery has no time left to wait
     * for another one. The event is kept as pending unless it is no news (contract §5a).
     *
     * @param known the record in the store; empty when there is none
     * @param request the delivery that asks
     * @param due the moment at which the event is due
     * @param now the time, from the same clock as the moments in the record
     */
    public static Decision keep(Optional<AlertState> known, ClaimRequest request, Instant due, Instant now) {
        Decision decision = decide(known, request, now);
        if (decision instanceof Decision.Suppress) {
            return decision;
        }
        AlertState state = known.orElse(AlertState.INITIAL);
        return new Decision.Keep(new AlertState(
                restored(state.lastSent(), request.change()),
                state.lastSentAt(),
                request.change().time(),
                state.lease(),
                state.inDoubt(),
                Optional.of(pending(state, request, now).due(due))));
    }

    /** Returns the record without its pending event, which is dropped. */
    public static AlertState giveUp(AlertState state) {
        return state.withPending(Optional.empty());
    }

    /**
     * Returns the record after a delivery has ended.
     *
     * @param leased the record, with the delivery's lease in it
     * @param change the event that was delivered
     * @param result HipChat's answer
     * @param due when the event's next try is due; empty when the delivery makes none. An event that is kept is due at the
     *     end of its lease then: it may have been taken over from a delivery that was answered as pending
     * @param now the time
     */
    public static AlertState settle(
            AlertState leased, Change change, SendResult result, Optional<Instant> due, Instant now) {
        Lease lease = leased.lease().orElseThrow();
        boolean accepted = result instanceof SendResult.Accepted;
        LastSent lastSent;
        if (lease.disputed() || result instanceof SendResult.InDoubt) {
            lastSent = LastSent.UNKNOWN;
        } else if (accepted) {
            lastSent = LastSent.of(change.level());
        } else {
            lastSent = restored(lease.before(), change);
        }
        return new AlertState(
                lastSent,
                accepted ? Optional.of(change.time()) : leased.lastSentAt(),
                leased.newest(),
                Optional.empty(),
                inDoubt(leased, change, result, now),
                leased.pending()
                        .flatMap(waiting -> waiting.change().isSameEvent(change)
                                ? pendingAfter(waiting, result, due)
                                : Optional.of(waiting)));
    }

    private static Optional<Pending> pendingAfter(Pending tried, SendResult result, Optional<Instant> due) {
        if (result instanceof SendResult.Accepted || result instanceof SendResult.Rejected) {
            return Optional.empty();
        }
        return due.map(tried::due)
                .or(() -> Optional.of(tried).filter(pending -> pending.alert().isPresent()));
    }

    /**
     * Brings the record in line with a fact that the store has not confirmed.
     *
     * @param known the record in the store; empty when there is none
     * @param now the time
     * @return the record to store; empty when there is nothing to store. A record that is equal to {@code known} must
     *     be stored too: it makes a write that is still under way fail
     */
    public static Optional<AlertState> reconcile(Optional<AlertState> known, Unconfirmed fact, Instant now) {
        if (fact instanceof Unconfirmed.Settlement settlement) {
            if (known.filter(state -> state.isLeasedBy(settlement.owner())).isPresent()) {
                return Optional.of(
                        settle(known.orElseThrow(), settlement.change(), settlement.result(), settlement.due(), now));
            }
            // A later writer sent after us, unless our lease was over already.
            if (settlement.isLate() && mayBeAccepted(settlement.result())) {
                return Optional.of(markUnknown(known, settlement.change(), settlement.result(), now));
            }
            return settlement.isClaimConfirmed() ? Optional.empty() : Optional.of(known.orElse(AlertState.INITIAL));
        }
        return mayBeAccepted(fact.result())
                ? Optional.of(withoutPending(markUnknown(known, fact.change(), fact.result(), now), fact))
                : Optional.empty();
    }

    /** Drops the pending event if it was sent without the store, unless a delivery of it is under way. */
    private static AlertState withoutPending(AlertState state, Unconfirmed fact) {
        boolean isSent = fact.result() instanceof SendResult.Accepted
                && state.lease().isEmpty()
                && isPending(state, fact.change());
        return isSent ? giveUp(state) : state;
    }

    /**
     * Returns the record after a message that no lease protected. Its order among the other messages is unknown, so the
     * level is unknown, also after a delivery that is under way now.
     */
    private static AlertState markUnknown(Optional<AlertState> known, Change sent, SendResult result, Instant now) {
        AlertState state = known.orElse(AlertState.INITIAL);
        return new AlertState(
                LastSent.UNKNOWN,
                state.lastSentAt(),
                state.newest().isAfter(sent.time()) ? state.newest() : sent.time(),
                state.lease().map(Lease::dispute),
                inDoubt(state, sent, result, now),
                // An older event must not be sent after it.
                state.pending().filter(waiting -> !waiting.change().time().isBefore(sent.time())));
    }

    private static boolean mayBeAccepted(SendResult result) {
        return result instanceof SendResult.Accepted || result instanceof SendResult.InDoubt;
    }

    private static Optional<InDoubt> inDoubt(AlertState state, Change change, SendResult result, Instant now) {
        Optional<InDoubt> known = state.inDoubt().filter(doubt -> now.isBefore(doubt.until()));
        if (result instanceof SendResult.InDoubt unclear) {
            InDoubt doubt = new InDoubt(change.level(), unclear.until());
            return Optional.of(known.map(doubt::and).orElse(doubt));
        }
        return known;
    }

    /** Returns the level after a definite failure, or without a try. A room that never saw the problem needs no recovery message. */
    private static LastSent restored(LastSent before, Change change) {
        return before == LastSent.NOTHING && change.previousLevel().equals(Optional.of(Level.OK))
                ? LastSent.OK
                : before;
    }

    private static Pending pending(AlertState state, ClaimRequest request, Instant now) {
        return state.pending()
                // A kept change stays as it is when a delivery that may not be kept tries the same event.
                .filter(waiting -> waiting.change().isSameEvent(request.change())
                        && (waiting.alert().isPresent() || request.alert().isEmpty()))
                .map(waiting -> waiting.due(request.leaseUntil()))
                .orElseGet(() ->
                        new Pending(request.owner(), request.change(), now, request.leaseUntil(), request.alert()));
    }

    private static boolean isPending(AlertState state, Change change) {
        return state.pending()
                .filter(waiting -> waiting.change().isSameEvent(change))
                .isPresent();
    }

    private static boolean isNews(AlertState state, Change change) {
        return switch (state.lastSent()) {
            // A first OK is no news, unless Kapacitor reports a problem before it (K §2.3).
            case NOTHING ->
                change.level() != Level.OK
                        || change.previousLevel()
                                .filter(previous -> previous != Level.OK)
                                .isPresent();
            case UNKNOWN -> true;
            case OK, INFO, WARNING, CRITICAL ->
                state.lastSent() != LastSent.of(change.level()) || isReminderDue(state.lastSentAt(), change);
        };
    }

    private static boolean isReminderDue(Optional<Instant> lastSentAt, Change change) {
        return change.level() != Level.OK
                && change.interval()
                        .flatMap(interval -> lastSentAt.map(
                                sent -> Duration.between(sent, change.time()).compareTo(interval) >= 0))
                        .orElse(false);
    }
}
