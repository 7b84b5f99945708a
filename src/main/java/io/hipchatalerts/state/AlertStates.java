package io.hipchatalerts.state;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.StoreTimeouts;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.store.MeteredStore;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.Deadline;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.jboss.logging.Logger;

/** Grants and settles the right to send an alert to a room: {@link AlertProtocol} over a {@link StateStore}. */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class AlertStates {

    /**
     * How much longer a lease lasts than HipChat can accept a request of its delivery. It covers clocks that differ, and
     * a process that stands still between its last look at the clock and its request.
     */
    public static final Duration LEASE_MARGIN = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(AlertStates.class);
    private static final int PART_FOR_SETTLING = 5;
    private static final long RECONCILE_MILLIS = 250;

    private static final SendResult NO_REQUEST = new SendResult.NotSent("no request was made", Optional.empty(), false);

    private final HipChatConfig config;
    private final InstantSource clock;
    private final Duration clockSkew;
    private final Duration settling;
    private final RandomGenerator random;
    private final Counter lostLeases;
    private final Records records;
    private final UnconfirmedWrites unconfirmed;

    @Inject
    AlertStates(
            HipChatConfig config,
            StateStore store,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry metrics,
            ManagedExecutor executor) {
        this(
                config,
                store,
                clock,
                random,
                metrics,
                CompletableFuture.delayedExecutor(RECONCILE_MILLIS, TimeUnit.MILLISECONDS, executor));
    }

    AlertStates(
            HipChatConfig config,
            StateStore store,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry metrics,
            Executor later) {
        Duration callTimeout = StoreTimeouts.callTimeout(config.deadline());
        this.config = config;
        this.clock = clock;
        this.clockSkew = store.clockSkew();
        this.settling = shorter(callTimeout, config.deadline().dividedBy(PART_FOR_SETTLING));
        this.random = random;
        this.lostLeases = metrics.counter("hipchat.state.leases.lost");
        this.records = new Records(
                new MeteredStore(store, config.state().onOutage().text(), metrics),
                config.state().ttl(),
                clock,
                random);
        this.unconfirmed = new UnconfirmedWrites(records, callTimeout, later);
    }

    /**
     * Decides whether {@code event} is news to the delivery's room and, if so, takes the lease for sending it.
     *
     * @param isRetry whether this delivery had the lease before and gave it back to wait for its next try
     * @param deadline the end of the whole delivery
     */
    public Claim claim(AlertEvent event, Delivery delivery, boolean isRetry, Deadline deadline) {
        if (!delivery.stateChangesOnly().on()) {
            return new Claim.Granted(new Claim.NoState(), deadline);
        }
        String key = AlertKey.of(event, delivery).under(config.state().keyPrefix());
        Change change = Change.of(event, delivery);
        ClaimRequest request = new ClaimRequest(
                change,
                delivery.canBeKept() ? Optional.of(StoredAlert.of(event, delivery)) : Optional.empty(),
                isRetry,
                random.nextLong(),
                deadline.end().plus(config.requestTimeout()).plus(LEASE_MARGIN));
        try {
            unconfirmed.reconcile(key);
            return claim(key, request, deadline);
        } catch (StoreUnavailable outage) {
            if (outage.isOfOneAlert()) {
                LOG.warnf(
                        "%s; hipchat.state.on-outage=%s decides",
                        outage.getCause().getMessage(),
                        config.state().onOutage().text());
            }
            return withoutStore(key, change, deadline);
        }
    }

    private Claim claim(String key, ClaimRequest request, Deadline deadline) {
        while (true) {
            Optional<Versioned> current = records.load(key);
            Decision decision = AlertProtocol.decide(current.map(Versioned::state), request, clock.instant());
            if (decision instanceof Decision.Wait wait) {
                return new Claim.Busy(wait.until());
            }
            if (decision instanceof Decision.Send send) {
                Versioned leased = records.versioned(send.next());
                if (isLeased(key, request, current, leased)) {
                    return new Claim.Granted(
                            new Claim.Leased(key, request.change(), leased, request.owner()),
                            deadline.lessThan(settling));
                }
            } else if (decision instanceof Decision.Suppress suppress) {
                boolean isUnchanged = current.map(Versioned::state)
                        .filter(suppress.next()::equals)
                        .isPresent();
                if (isUnchanged || records.compareAndSet(key, current, records.versioned(suppress.next()))) {
                    return new Claim.Suppressed(suppress.reason(), false);
                }
            }
            // Another writer came in between; its record decides now.
            if (deadline.passed()) {
                return new Claim.Busy(clock.instant());
            }
        }
    }

    private boolean isLeased(String key, ClaimRequest request, Optional<Versioned> current, Versioned leased) {
        try {
            return records.compareAndSet(key, current, leased);
        } catch (StoreUnavailable outage) {
            // The store may hold the lease all the same, now or later, although nobody acts on it.
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
        // From now on: should the store be back before HipChat answers, other levels have to wait for this message.
        Unconfirmed underWay = new Unconfirmed.WithoutLease(
                change, new SendResult.InDoubt("under way", Optional.empty(), inDoubtUntil(deadline.end())));
        unconfirmed.add(key, underWay);
        return new Claim.Granted(new Claim.WithoutStore(key, underWay), deadline);
    }

    private Instant inDoubtUntil(Instant giveUp) {
        return giveUp.plus(config.requestTimeout()).plus(clockSkew);
    }

    /**
     * Records the end of a delivery's try and ends its lease.
     *
     * @param due when the delivery tries again; empty when it does not
     * @return whether the store has it now; if not, this process goes on trying
     */
    public boolean settle(Claim.Granted claim, SendResult result, Optional<Instant> due) {
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
            return false;
        }
        return true;
    }

    private boolean settle(Claim.Leased leased, SendResult result, Optional<Instant> due) {
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
                    return true;
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
        return false;
    }
}
