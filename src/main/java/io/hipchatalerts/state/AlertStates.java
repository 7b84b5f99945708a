package io.hipchatalerts.state;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.StoreTimeouts;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Timer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** Grants and settles leases on alerts: runs {@link AlertProtocol} over a {@link StateStore} (contract §5). */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class AlertStates {

    /**
     * The time that a lease lasts beyond the last moment at which HipChat can accept a request of its delivery. It
     * covers clocks that differ, and a process that pauses between reading the clock and sending its request.
     */
    public static final Duration LEASE_MARGIN = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(AlertStates.class);
    private static final int PART_FOR_SETTLING = 5;

    private static final SendResult NO_REQUEST = new SendResult.NotSent("no request was made", Optional.empty(), false);

    private final HipChatConfig config;
    private final InstantSource clock;
    private final Duration clockSkew;
    private final Duration settling;
    private final RandomGenerator random;
    private final Counter lostLeases;
    private final Records records;
    private final UnconfirmedWrites unconfirmed;
    private final PendingChanges pending;
    private final Set<UnderWay> underWay = ConcurrentHashMap.newKeySet();
    private volatile Consumer<PendingAlert> onReplaced = alert -> {};

    AlertStates(
            HipChatConfig config,
            StateStore store,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry metrics,
            Timer timer) {
        Duration callTimeout = StoreTimeouts.callTimeout(config.deadline());
        this.config = config;
        this.clock = clock;
        this.clockSkew = store.clockSkew();
        this.settling = shorter(callTimeout, config.deadline().dividedBy(PART_FOR_SETTLING));
        this.random = random;
        this.lostLeases = metrics.counter("hipchat.state.leases.lost");
        this.records = new Records(store, config.state().ttl(), config.pending().maxAge(), clock, random);
        this.unconfirmed = new UnconfirmedWrites(records, callTimeout, timer, this::noteDropped);
        this.pending = new PendingChanges(records, clock);
    }

    /**
     * Decides whether {@code event} is news to the delivery's room and, if so, takes the lease for sending it.
     *
     * @param event the event
     * @param delivery the room, and the options of the delivery
     * @param isRetry whether this delivery had the lease before and returned it to wait for its next try
     *
     * @param deadline the end of the whole delivery
     */
    public Claim claim(AlertEvent event, Delivery delivery, boolean isRetry, Deadline deadline) {
        if (!delivery.stateChangesOnly().on()) {
            return new Claim.Granted(new Claim.NoState(), deadline);
        }
        Change change = Change.of(event, delivery);
        String key = key(event, delivery);
        try {
            return claim(key, change, stored(event, delivery), isRetry, deadline, before -> {});
        } catch (StoreUnavailable outage) {
            return withoutStore(key, change, deadline);
        }
    }

    /**
     * Claims a pending change that is due.
     *
     * @param pending the pending change
     * @param deadline the end of its delivery
     *
     * @throws StoreUnavailable when the store does not answer
     */
    public Claim claim(PendingAlert pending, Deadline deadline) {
        Change change = pending.pending().change();
        AtomicBoolean isDropped = new AtomicBoolean();
        Claim claim = claim(
                pending.key(),
                change,
                pending.pending().alert(),
                true,
                deadline,
                before -> isDropped.set(before.pending()
                        .filter(known -> known.change().isSameEvent(change))
                        .isPresent()));
        return claim instanceof Claim.Suppressed && !isDropped.get() ? new Claim.Gone() : claim;
    }

    /** @param onSuppressed receives the record in which the event was suppressed */
    private Claim claim(
            String key,
            Change change,
            Optional<StoredAlert> alert,
            boolean isRetry,
            Deadline deadline,
            Consumer<AlertState> onSuppressed) {
        unconfirmed.reconcile(key);
        while (true) {
            ClaimRequest request = request(change, alert, isRetry, deadline);
            Optional<Versioned> current = records.load(key);
            Decision decision = AlertProtocol.decide(current.map(Versioned::state), request, clock.instant());
            if (decision instanceof Decision.Wait wait) {
                return new Claim.Busy(wait.until());
            }
            if (decision instanceof Decision.Send send) {
                Versioned leased = records.versioned(send.next());
                if (isLeased(key, request, current, leased)) {
                    noteReplaced(key, current, send.next(), request);
                    boolean isKeptAlready = !isRetry
                            && current.flatMap(record -> record.state().pending())
                                    .filter(waiting -> waiting.alert().isPresent())
                                    .filter(waiting -> waiting.change().isSameEvent(change))
                                    .isPresent();
                    return new Claim.Granted(
                            new Claim.Leased(key, change, leased, request.owner(), isKeptAlready), sendBy(deadline));
                }
            } else if (decision instanceof Decision.Suppress suppress && isSuppressed(key, current, suppress)) {
                noteReplaced(key, current, suppress.next(), request);
                current.map(Versioned::state).ifPresent(onSuppressed);
                return new Claim.Suppressed(suppress.reason(), false);
            }
            // Another writer was faster; its record decides now.
            if (deadline.passed()) {
                return new Claim.Busy(clock.instant());
            }
        }
    }

    /**
     * Keeps an event that cannot be sent now as a pending change, unless it is no news.
     *
     * @param isRetry as for {@link #claim}
     * @param due the moment at which it is due
     * @param deadline the end of the whole delivery
     *
     * @return empty when it cannot be kept: the delivery keeps no state, has a token of its own, the store is
     *     unavailable, or others write the record until the deadline
     */
    public Optional<Kept> keep(AlertEvent event, Delivery delivery, boolean isRetry, Instant due, Deadline deadline) {
        if (!canKeep(delivery)) {
            return Optional.empty();
        }
        String key = key(event, delivery);
        try {
            unconfirmed.reconcile(key);
            while (true) {
                ClaimRequest request = request(Change.of(event, delivery), stored(event, delivery), isRetry, deadline);
                Optional<Versioned> current = records.load(key);
                Decision decision = AlertProtocol.keep(current.map(Versioned::state), request, due, clock.instant());
                if (decision instanceof Decision.Keep keep
                        && records.compareAndSet(key, current, records.versioned(keep.next()))) {
                    noteReplaced(key, current, keep.next(), request);
                    return Optional.of(new Kept(Optional.empty(), key));
                }
                if (decision instanceof Decision.Suppress suppress && isSuppressed(key, current, suppress)) {
                    noteReplaced(key, current, suppress.next(), request);
                    return Optional.of(new Kept(Optional.of(suppress.reason()), key));
                }
                // Another writer was faster; its record decides now.
                if (deadline.passed()) {
                    return Optional.empty();
                }
            }
        } catch (StoreUnavailable outage) {
            return Optional.empty();
        }
    }

    /**
     * The result of {@link #keep}.
     *
     * @param suppressed the reason why the event is no news; empty when it is pending now
     * @param key the alert's key
     */
    public record Kept(Optional<Reason> suppressed, String key) {}

    /** Returns whether an event of this delivery may be kept as pending. */
    public boolean canKeep(Delivery delivery) {
        return config.pending().enabled() && delivery.stateChangesOnly().on() && delivery.canBeKept();
    }

    /** Returns the changes that are kept for later. */
    public PendingChanges pending() {
        return pending;
    }

    /** Notes, until {@link #end}, that a caller waits for the event: the answer to it reports its outcome. */
    public UnderWay begin(AlertEvent event, Delivery delivery) {
        UnderWay begun = new UnderWay(canKeep(delivery) ? key(event, delivery) : "", Change.of(event, delivery));
        if (canKeep(delivery)) {
            underWay.add(begun);
        }
        return begun;
    }

    /** Notes, until {@link #end}, that this process sends a pending change and reports its outcome itself. */
    public UnderWay begin(PendingAlert pending) {
        UnderWay begun = new UnderWay(pending.key(), pending.pending().change());
        underWay.add(begun);
        return begun;
    }

    /** Notes that the outcome is reported. */
    public void end(UnderWay begun) {
        underWay.remove(begun);
    }

    /** Sets the action on a pending change that another event has replaced. */
    public void onReplaced(Consumer<PendingAlert> action) {
        onReplaced = action;
    }

    private void noteReplaced(String key, Optional<Versioned> before, AlertState next, ClaimRequest request) {
        before.flatMap(record -> record.state().pending())
                .filter(change -> change.alert().isPresent())
                .filter(change -> next.pending()
                        .filter(other -> other.id() == change.id())
                        .isEmpty())
                .filter(change -> !(request.isRetry() && change.change().isSameEvent(request.change())))
                .map(change -> new PendingAlert(key, change))
                .filter(alert -> underWay.stream().noneMatch(event -> event.is(alert)))
                .ifPresent(onReplaced);
    }

    /** Reports a pending change that reconciling a fact has dropped, unless the fact is about that same event. */
    private void noteDropped(String key, Pending dropped) {
        PendingAlert alert = new PendingAlert(key, dropped);
        if (underWay.stream().noneMatch(event -> event.is(alert))) {
            onReplaced.accept(alert);
        }
    }

    /** Returns the moment by which a delivery with this deadline has to end its request, so that it can settle. */
    public Deadline sendBy(Deadline deadline) {
        return deadline.lessThan(settling);
    }

    private String key(AlertEvent event, Delivery delivery) {
        return AlertKey.of(event, delivery).under(config.state().keyPrefix());
    }

    private Optional<StoredAlert> stored(AlertEvent event, Delivery delivery) {
        return canKeep(delivery) ? Optional.of(StoredAlert.of(event, delivery)) : Optional.empty();
    }

    /** Returns a request with a new owner for each attempt: a removed index entry must not return under its old id. */
    private ClaimRequest request(Change change, Optional<StoredAlert> alert, boolean isRetry, Deadline deadline) {
        Instant leaseUntil = deadline.end().plus(config.requestTimeout()).plus(LEASE_MARGIN);
        return new ClaimRequest(change, alert, isRetry, random.nextLong(), leaseUntil);
    }

    private boolean isSuppressed(String key, Optional<Versioned> current, Decision.Suppress suppress) {
        boolean isUnchanged =
                current.map(Versioned::state).filter(suppress.next()::equals).isPresent();
        return isUnchanged || records.compareAndSet(key, current, records.versioned(suppress.next()));
    }

    private boolean isLeased(String key, ClaimRequest request, Optional<Versioned> current, Versioned leased) {
        try {
            return records.compareAndSet(key, current, leased);
        } catch (StoreUnavailable outage) {
            // The store may still write the lease, now or later, although no delivery uses it.
            unconfirmed.add(
                    key,
                    new Unconfirmed.Settlement(
                            request.change(), request.owner(), NO_REQUEST, Optional.empty(), false, false));
            throw outage;
        }
    }

    private Claim withoutStore(String key, Change change, Deadline deadline) {
        boolean isSent =
                switch (config.state().onOutage()) {
                    case FAIL -> false;
                    case SEND -> true;
                    case PREVIOUS_LEVEL -> change.isChangeByItself();
                };
        if (!isSent) {
            return config.state().onOutage() == HipChatConfig.OnOutage.FAIL
                    ? new Claim.Refused()
                    : new Claim.Suppressed(Reason.UNCHANGED, true);
        }
        Optional<Instant> busy = unconfirmed.inDoubtUntil(key, change.level(), clock.instant());
        if (busy.isPresent()) {
            return new Claim.Busy(busy.get());
        }
        // In doubt from now on: if the store is back before HipChat answers, other levels wait for this message.
        Unconfirmed underWay = new Unconfirmed.WithoutLease(
                change, new SendResult.InDoubt("under way", Optional.empty(), inDoubtUntil(deadline.end())));
        unconfirmed.add(key, underWay);
        return new Claim.Granted(new Claim.WithoutStore(key, underWay), deadline);
    }

    private Instant inDoubtUntil(Instant giveUp) {
        return giveUp.plus(config.requestTimeout()).plus(clockSkew);
    }

    /**
     * Records the result of a try and ends its lease.
     *
     * @param claim the claim that was granted
     * @param result HipChat's answer
     * @param due the moment of the delivery's next try; empty when there is none
     * @return what the store holds now
     */
    public Settled settle(Claim.Granted claim, SendResult result, Optional<Instant> due) {
        SendResult recorded = result instanceof SendResult.InDoubt unclear
                ? new SendResult.InDoubt(
                        unclear.detail(), unclear.retryAt(), unclear.until().plus(clockSkew))
                : result;
        if (claim.grant() instanceof Claim.Leased leased) {
            return settle(leased, recorded, due);
        }
        if (claim.grant() instanceof Claim.WithoutStore without) {
            unconfirmed.replace(
                    without.key(),
                    without.fact(),
                    new Unconfirmed.WithoutLease(without.fact().change(), recorded));
            return Settled.UNCONFIRMED;
        }
        return Settled.OVER;
    }

    /** The state of an event in the store after its settlement. */
    public enum Settled {
        /** The event is pending. */
        PENDING,
        /** Nothing: the event is sent or refused, or another event replaced it. */
        OVER,
        /** It did not confirm the write. This process reconciles it later. */
        UNCONFIRMED
    }

    private Settled settle(Claim.Leased leased, SendResult result, Optional<Instant> due) {
        Instant now = clock.instant();
        Instant leaseUntil =
                leased.versioned().state().lease().map(Lease::until).orElseThrow();
        boolean isLate = !now.plus(clockSkew).isBefore(leaseUntil);
        Unconfirmed.Settlement fact =
                new Unconfirmed.Settlement(leased.change(), leased.owner(), result, due, isLate, true);
        try {
            Optional<Versioned> current = Optional.of(leased.versioned());
            while (current.filter(record -> record.state().isLeasedBy(leased.owner()))
                    .isPresent()) {
                AlertState settled =
                        AlertProtocol.settle(current.orElseThrow().state(), leased.change(), result, due, now);
                if (records.compareAndSet(leased.key(), current, records.versioned(settled))) {
                    boolean isPending = settled.pending()
                            .filter(change -> change.change().isSameEvent(leased.change()))
                            .isPresent();
                    return isPending ? Settled.PENDING : Settled.OVER;
                }
                current = records.load(leased.key());
            }
            lostLeases.increment();
            LOG.warnf("The lease on %s was lost before its delivery ended", leased.key());
            unconfirmed.add(leased.key(), fact);
            unconfirmed.reconcile(leased.key());
        } catch (StoreUnavailable outage) {
            unconfirmed.add(leased.key(), fact);
        }
        return Settled.UNCONFIRMED;
    }
}
