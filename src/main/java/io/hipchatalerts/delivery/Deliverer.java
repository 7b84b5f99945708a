package io.hipchatalerts.delivery;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.hipchat.RoomThrottle;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.AlertStates.Settled;
import io.hipchatalerts.state.Claim;
import io.hipchatalerts.state.UnderWay;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Pause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Delivers one event to one room: claim, send, settle, until HipChat accepts or refuses the message or the time is
 * over.
 */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class Deliverer {

    private static final Duration FIRST_LOOK = Duration.ofMillis(25);
    private static final Duration LONGEST_LOOK = Duration.ofMillis(400);

    /**
     * Waits end a little late, so a try that was planned with {@link RetryPolicy#SHORTEST_TRY} is still made with this
     * time.
     */
    private static final Duration NO_TRY_BELOW = Duration.ofMillis(50);

    /**
     * The part of the workers that deliveries may take. Each takes one until it ends, and while HipChat fails they end
     * late; a program without workers rejects events. Beyond this part, changes wait in the store.
     */
    private static final int PART_OF_WORKERS = 2;

    private static final int WORKERS = 200;

    /** How many deliveries of one room wait between their tries. Each more would be a request more for a room that fails. */
    private static final int MAX_WAITING = 5;

    /** Or below this part of a short deadline. */
    private static final int NO_TRY_BELOW_PART = 20;

    private final HipChatConfig config;
    private final AlertStates states;
    private final HipChatClient hipChat;
    private final RoomThrottle throttle;
    private final PendingDeliveries pendingDeliveries;
    private final RetryPolicy retries;
    private final InstantSource clock;
    private final Pause pause;
    private final Counter retried;
    private final int maxUnderWay;
    private final AtomicInteger underWay = new AtomicInteger();
    private final Map<String, Integer> waiting = new ConcurrentHashMap<>();

    Deliverer(
            HipChatConfig config,
            AlertStates states,
            HipChatClient hipChat,
            RoomThrottle throttle,
            PendingDeliveries pendingDeliveries,
            InstantSource clock,
            Pause pause,
            RandomGenerator random,
            MeterRegistry metrics) {
        this.config = config;
        this.states = states;
        this.hipChat = hipChat;
        this.throttle = throttle;
        this.pendingDeliveries = pendingDeliveries;
        this.retries = new RetryPolicy(random);
        this.clock = clock;
        this.pause = pause;
        this.retried = metrics.counter("hipchat.notify.retries");
        this.maxUnderWay = ConfigProvider.getConfig()
                        .getOptionalValue("quarkus.thread-pool.max-threads", Integer.class)
                        .orElse(WORKERS)
                / PART_OF_WORKERS;
    }

    /**
     * Delivers {@code event}. Between two tries the event waits in the state store, without the lease: a newer event
     * may overtake and replace it. An event that cannot be sent in time is kept as pending if possible (contract §5a).
     *
     * @param deadline the end of all tries and waits
     * @return the outcome; failures are outcomes too
     */
    public DeliveryOutcome deliver(AlertEvent event, Delivery delivery, Deadline deadline) {
        UnderWay underWay = states.begin(event, delivery);
        try {
            return deliverNow(event, delivery, deadline);
        } finally {
            states.end(underWay);
        }
    }

    private DeliveryOutcome deliverNow(AlertEvent event, Delivery delivery, Deadline deadline) {
        Progress progress = new Progress(event, delivery, deadline);
        boolean isOneTooMany = underWay.getAndIncrement() >= maxUnderWay;
        try {
            return (isOneTooMany ? keepInStore(progress) : Optional.<DeliveryOutcome>empty())
                    .or(() -> keepIfRoomIsUnavailable(progress))
                    .orElseGet(() -> deliver(progress));
        } finally {
            underWay.decrementAndGet();
            progress.endNextTry();
        }
    }

    private DeliveryOutcome deliver(Progress progress) {
        AlertEvent event = progress.event;
        Delivery delivery = progress.delivery;
        Deadline deadline = progress.deadline;
        while (true) {
            Claim claim = states.claim(event, delivery, progress.isRetry, deadline);
            if (claim instanceof Claim.Suppressed suppressed) {
                return progress.suppressed(suppressed.reason(), suppressed.degraded());
            }
            if (claim instanceof Claim.Refused) {
                return progress.failed("The state store is unavailable", true, Problem.RETRY_AFTER);
            }
            if (claim instanceof Claim.Busy busy) {
                // Another alert may make the room's next try meanwhile.
                progress.endNextTry();
                // To keep the event takes time too.
                Deadline lookBy = states.canKeep(delivery) ? states.sendBy(deadline) : deadline;
                if (lookBy.passed() || !pause.isOver(shorter(progress.nextLook(), lookBy.left()))) {
                    return keepOrFail(progress, busy.until());
                }
                continue;
            }
            Claim.Granted granted = (Claim.Granted) claim;
            progress.isKeptAlready |= granted.grant() instanceof Claim.Leased leased && leased.isKeptAlready();
            Try last = sendOnce(progress, granted);
            Settled settled = states.settle(granted, progress.settlement(last.result()), due(progress, last));
            boolean isDegraded = settled == Settled.UNCONFIRMED;
            if (last.result() instanceof SendResult.Accepted) {
                pendingDeliveries.answered(delivery.room(), delivery.token());
                return progress.sent(isDegraded);
            }
            if (last.result() instanceof SendResult.Rejected rejected) {
                refused(delivery, rejected);
                return progress.refused("HipChat refused the message: " + rejected.detail(), isDegraded);
            }
            if (!last.next().isRetried()
                    || !isOwnNextTryDue(progress, last.next().pause())) {
                return pendingOrFailed(progress, granted, last, settled);
            }
            progress.isRetry = true;
            // Another delivery has found out by now that the room takes nothing.
            Optional<DeliveryOutcome> kept =
                    isKeptInStore(progress) ? keepIfRoomIsUnavailable(progress) : Optional.empty();
            if (kept.isPresent()) {
                return kept.get();
            }
        }
    }

    /** Waits for the delivery's next try, unless the store can do so: enough others of the room wait already. */
    private boolean isOwnNextTryDue(Progress progress, Duration length) {
        String room = progress.delivery.room();
        int deliveries = waiting.merge(room, 1, Integer::sum);
        try {
            return (deliveries <= MAX_WAITING || !isKeptInStore(progress)) && pause.isOver(length);
        } finally {
            waiting.computeIfPresent(room, (same, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Keeps the event where it outlives this process, and leaves it to the sender of pending changes. */
    private Optional<DeliveryOutcome> keepInStore(Progress progress) {
        return isKeptInStore(progress)
                ? keep(progress, clock.instant(), clock.instant(), Reason.UNAVAILABLE)
                : Optional.empty();
    }

    private boolean isKeptInStore(Progress progress) {
        return states.pending().isShared() && states.canKeep(progress.delivery);
    }

    /** A room that did not answer lately is left alone until its next try is due (contract §5a). */
    private Optional<DeliveryOutcome> keepIfRoomIsUnavailable(Progress progress) {
        if (isKeptInStore(progress)
                && throttle.beginNextTry(
                        progress.delivery.room(), progress.delivery.token(), progress.deadline.left())) {
            progress.isNextTry = true;
            return Optional.empty();
        }
        return throttle.unavailable(progress.delivery.room(), progress.delivery.token())
                .filter(room -> !room.isOnlyPending())
                .flatMap(room -> keep(
                        progress,
                        room.nextTry(),
                        room.nextTry(),
                        room.isRateLimited() ? Reason.RATE_LIMITED : Reason.UNAVAILABLE));
    }

    private DeliveryOutcome keepOrFail(Progress progress, Instant busyUntil) {
        return keep(progress, clock.instant(), busyUntil, Reason.UNDER_WAY)
                .orElseGet(() -> progress.failed(
                        "Another delivery of this alert is under way",
                        false,
                        Duration.between(clock.instant(), busyUntil)));
    }

    /**
     * @param due from when on any process may send it
     * @param nextTry when this process tries
     */
    private Optional<DeliveryOutcome> keep(Progress progress, Instant due, Instant nextTry, Reason reason) {
        return states.keep(progress.event, progress.delivery, progress.isRetry, due, progress.deadline)
                .map(kept -> kept.suppressed()
                        .map(why -> progress.suppressed(why, false))
                        .orElseGet(() -> progress.pending(kept.key(), reason, nextTry)));
    }

    private DeliveryOutcome pendingOrFailed(Progress progress, Claim.Granted granted, Try last, Settled settled) {
        SendResult result = last.result();
        boolean isRateLimited = result instanceof SendResult.NotSent notSent && notSent.isRateLimited();
        Instant nextTry = throttle.failed(
                progress.delivery.room(), progress.delivery.token(), result.retryAt(), isRateLimited, false);
        if (states.canKeep(progress.delivery) && granted.grant() instanceof Claim.Leased leased) {
            if (settled == Settled.PENDING) {
                return progress.pending(
                        leased.key(), isRateLimited ? Reason.RATE_LIMITED : Reason.UNAVAILABLE, nextTry);
            }
            if (settled == Settled.OVER) {
                // A newer event, kept meanwhile, took its place.
                return progress.suppressed(Reason.STALE, false);
            }
        }
        return progress.failed(
                "HipChat did not accept the message in time: " + result.detail(),
                settled == Settled.UNCONFIRMED,
                last.next().pause());
    }

    /** Returns the moment at which the event is due again; empty when no process will send it. */
    private Optional<Instant> due(Progress progress, Try last) {
        Instant now = clock.instant();
        if (last.next().isRetried()) {
            return Optional.of(now.plus(last.next().pause()));
        }
        return states.canKeep(progress.delivery)
                ? Optional.of(last.result().retryAt().filter(now::isBefore).orElse(now))
                : Optional.empty();
    }

    private void refused(Delivery delivery, SendResult.Rejected rejected) {
        if (rejected.isOfRoom()) {
            throttle.refused(delivery.room(), delivery.token());
        } else {
            pendingDeliveries.answered(delivery.room(), delivery.token());
        }
    }

    /** Makes one try. It settles the lease even if a bug ends the try: otherwise the lease would block the alert. */
    private Try sendOnce(Progress progress, Claim.Granted granted) {
        try {
            int before = progress.attempts;
            SendResult result = send(progress, granted.sendBy());
            if (progress.isNextTry || isLeftToTheStore(progress, result)) {
                return new Try(result, new RetryPolicy.Next(false, Duration.ZERO));
            }
            boolean isAsked = progress.attempts > before;
            return new Try(
                    result,
                    retries.after(
                            result,
                            progress.attempts,
                            isAsked,
                            clock.instant(),
                            granted.sendBy().left()));
        } catch (RuntimeException | Error bug) {
            Instant until = clock.instant().plus(config.requestTimeout());
            states.settle(granted, new SendResult.InDoubt("a bug", Optional.empty(), until), Optional.empty());
            throw bug;
        }
    }

    /**
     * Returns whether HipChat named a later moment for a change that can be kept. The change then waits in the store
     * and the caller does not wait.
     */
    private boolean isLeftToTheStore(Progress progress, SendResult result) {
        return isKeptInStore(progress)
                && result.retryAt().filter(clock.instant()::isBefore).isPresent();
    }

    private SendResult send(Progress progress, Deadline sendBy) {
        Delivery delivery = progress.delivery;
        Optional<Instant> closedUntil = throttle.closedUntil(delivery.room(), delivery.token());
        if (closedUntil.isPresent()) {
            return new SendResult.NotSent("the room is rate-limited at the moment", closedUntil, true);
        }
        Duration left = sendBy.left();
        if (left.compareTo(shorter(NO_TRY_BELOW, config.deadline().dividedBy(NO_TRY_BELOW_PART))) < 0) {
            return new SendResult.NotSent("no time was left for a try", Optional.empty(), false);
        }
        if (progress.attempts++ > 0) {
            retried.increment();
        }
        return hipChat.send(
                delivery.room(),
                delivery.token(),
                Notification.of(progress.event.level(), progress.event.message(), config),
                shorter(left, config.requestTimeout()));
    }

    /** The result of one try, and the step after it. */
    private record Try(SendResult result, RetryPolicy.Next next) {}

    /** The state of one delivery. */
    private final class Progress {

        private final AlertEvent event;
        private final Delivery delivery;
        private final Deadline deadline;
        private int attempts;
        private boolean isRetry;

        /** Whether an earlier delivery of the event was answered as pending. */
        private boolean isKeptAlready;

        /** Whether this is the only try of its room until the next step of the backoff. */
        private boolean isNextTry;

        private Duration look = FIRST_LOOK;

        Progress(AlertEvent event, Delivery delivery, Deadline deadline) {
            this.event = event;
            this.delivery = delivery;
            this.deadline = deadline;
        }

        /** Returns how long to wait before the next look at a busy alert. */
        Duration nextLook() {
            Duration next = look;
            look = shorter(look.multipliedBy(2), LONGEST_LOOK);
            return next;
        }

        /**
         * Returns the result to settle with. A change that was kept earlier stays pending when HipChat refuses only the
         * room or the token, or a token of this delivery's own: the configured one may be accepted later (contract §5a).
         */
        SendResult settlement(SendResult result) {
            return isKeptAlready
                            && result instanceof SendResult.Rejected rejected
                            && (rejected.isOfRoom() || !delivery.canBeKept())
                    ? new SendResult.NotSent(rejected.detail(), Optional.empty(), false)
                    : result;
        }

        void endNextTry() {
            if (isNextTry) {
                isNextTry = false;
                throttle.endNextTry(delivery.room(), delivery.token());
            }
        }

        DeliveryOutcome sent(boolean isDegraded) {
            return DeliveryOutcome.sent(handler(), delivery.room(), attempts, isDegraded);
        }

        DeliveryOutcome refused(String detail, boolean isDegraded) {
            return DeliveryOutcome.refused(handler(), delivery.room(), attempts, isDegraded, detail);
        }

        DeliveryOutcome suppressed(Reason reason, boolean isDegraded) {
            return DeliveryOutcome.suppressed(handler(), delivery.room(), reason, attempts, isDegraded);
        }

        DeliveryOutcome pending(String key, Reason reason, Instant nextTry) {
            pendingDeliveries.stored(key, nextTry);
            return states.pending().isShared()
                    ? DeliveryOutcome.pending(handler(), delivery.room(), reason, attempts, false)
                    : DeliveryOutcome.kept(
                            handler(),
                            delivery.room(),
                            reason,
                            attempts,
                            false,
                            Duration.between(clock.instant(), nextTry));
        }

        DeliveryOutcome failed(String detail, boolean isDegraded, Duration retryAfter) {
            return DeliveryOutcome.failed(handler(), delivery.room(), attempts, isDegraded, detail, retryAfter);
        }

        private String handler() {
            return delivery.handler().orElse(null);
        }
    }
}
