package io.hipchatalerts.delivery;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.hipchat.RoomThrottle;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.Claim;
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
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Delivers one event to one room: claim, send, settle, until that succeeds, is refused or runs out of time. */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class Deliverer {

    private static final Duration STORE_RETRY_AFTER = Duration.ofSeconds(5);
    private static final Duration FIRST_LOOK = Duration.ofMillis(25);
    private static final Duration LONGEST_LOOK = Duration.ofMillis(400);

    /** Waits end a little late, so a try that was to have {@link RetryPolicy#SHORTEST_TRY} is made down to this. */
    private static final Duration NO_TRY_BELOW = Duration.ofMillis(50);

    /** Or below this part of a short deadline. */
    private static final int NO_TRY_BELOW_PART = 20;

    private final HipChatConfig config;
    private final AlertStates states;
    private final HipChatClient hipChat;
    private final RoomThrottle throttle;
    private final RetryPolicy retries;
    private final InstantSource clock;
    private final Pause pause;
    private final Counter retried;

    Deliverer(
            HipChatConfig config,
            AlertStates states,
            HipChatClient hipChat,
            RoomThrottle throttle,
            InstantSource clock,
            Pause pause,
            RandomGenerator random,
            MeterRegistry metrics) {
        this.config = config;
        this.states = states;
        this.hipChat = hipChat;
        this.throttle = throttle;
        this.retries = new RetryPolicy(random);
        this.clock = clock;
        this.pause = pause;
        this.retried = metrics.counter("hipchat.notify.retries");
    }

    /**
     * Delivers {@code event}. Between two tries the event waits in the state store, without the lease: a newer event may
     * go ahead and take its place.
     *
     * @param deadline the end of all tries and waits
     */
    public DeliveryOutcome deliver(AlertEvent event, Delivery delivery, Deadline deadline) {
        Progress progress = new Progress(delivery);
        while (true) {
            Claim claim = states.claim(event, delivery, progress.isRetry, deadline);
            if (claim instanceof Claim.Suppressed suppressed) {
                return progress.suppressed(suppressed);
            }
            if (claim instanceof Claim.Refused) {
                return progress.failed("The state store is unavailable", true, STORE_RETRY_AFTER);
            }
            if (claim instanceof Claim.Busy busy) {
                if (deadline.passed() || !pause.isOver(shorter(progress.nextLook(), deadline.left()))) {
                    Duration left = Duration.between(clock.instant(), busy.until());
                    return progress.failed("Another delivery of this alert is under way", false, left);
                }
                continue;
            }
            Claim.Granted granted = (Claim.Granted) claim;
            Try last = sendOnce(event, delivery, granted, progress);
            boolean isDegraded = !states.settle(granted, last.result(), last.due(clock.instant()));
            if (last.result() instanceof SendResult.Accepted) {
                return progress.sent(isDegraded);
            }
            if (last.result() instanceof SendResult.Rejected rejected) {
                return progress.refused("HipChat refused the message: " + rejected.detail(), isDegraded);
            }
            if (!last.next().isRetried() || !pause.isOver(last.next().pause())) {
                String detail = "HipChat did not accept the message in time: "
                        + last.result().detail();
                return progress.failed(detail, isDegraded, last.next().pause());
            }
            progress.isRetry = true;
        }
    }

    /** Makes one try. If that ends by a bug, the lease is settled all the same, or it would block the alert. */
    private Try sendOnce(AlertEvent event, Delivery delivery, Claim.Granted granted, Progress progress) {
        try {
            int before = progress.attempts;
            SendResult result = send(event, delivery, granted.sendBy(), progress);
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

    private SendResult send(AlertEvent event, Delivery delivery, Deadline sendBy, Progress progress) {
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
                Notification.of(event, config),
                shorter(left, config.requestTimeout()));
    }

    /** The result of one try, and the step after it. */
    private record Try(SendResult result, RetryPolicy.Next next) {

        /** Returns when the next try is due; empty when there is none. */
        Optional<Instant> due(Instant now) {
            return next.isRetried() ? Optional.of(now.plus(next.pause())) : Optional.empty();
        }
    }

    /** What a delivery has behind it. */
    private static final class Progress {

        private final Delivery delivery;
        private int attempts;
        private boolean isRetry;
        private Duration look = FIRST_LOOK;

        Progress(Delivery delivery) {
            this.delivery = delivery;
        }

        /** Returns how long to wait before the next look at a busy alert. */
        Duration nextLook() {
            Duration next = look;
            look = shorter(look.multipliedBy(2), LONGEST_LOOK);
            return next;
        }

        DeliveryOutcome sent(boolean isDegraded) {
            return DeliveryOutcome.sent(handler(), delivery.room(), attempts, isDegraded);
        }

        DeliveryOutcome refused(String detail, boolean isDegraded) {
            return DeliveryOutcome.refused(handler(), delivery.room(), attempts, isDegraded, detail);
        }

        DeliveryOutcome suppressed(Claim.Suppressed claim) {
            return DeliveryOutcome.suppressed(handler(), delivery.room(), claim.reason(), attempts, claim.degraded());
        }

        DeliveryOutcome failed(String detail, boolean isDegraded, Duration retryAfter) {
            return DeliveryOutcome.failed(handler(), delivery.room(), attempts, isDegraded, detail, retryAfter);
        }

        private String handler() {
            return delivery.handler().orElse(null);
        }
    }
}
