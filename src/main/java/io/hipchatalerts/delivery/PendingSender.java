package io.hipchatalerts.delivery;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.delivery.PendingLog.LastStep;
import io.hipchatalerts.delivery.PendingLog.Result;
import io.hipchatalerts.hipchat.Destination;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.hipchat.RoomThrottle;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.AlertStates.Settled;
import io.hipchatalerts.state.Claim;
import io.hipchatalerts.state.PendingAlert;
import io.hipchatalerts.state.UnderWay;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.time.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Sends the due changes of one room, each as its own message or several in a {@link Digest} (contract §5a). */
final class PendingSender {

    /** The time until the next try when the store does not answer. */
    static final Duration STORE_RETRY = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(PendingSender.class);

    /** A short deadline leaves less than {@link RetryPolicy#SHORTEST_TRY} for a try. */
    private static final int NO_TRY_BELOW_PART = 20;

    /** The claims, the request and the settlements of a digest share the time. */
    private static final int PARTS_OF_A_DIGEST = 3;

    /** Receives each change that is pending no longer. */
    @FunctionalInterface
    interface Outcomes {

        void ended(PendingAlert alert, Result result, LastStep last);
    }

    private final HipChatConfig config;
    private final AlertStates states;
    private final HipChatClient hipChat;
    private final RoomThrottle throttle;
    private final InstantSource clock;
    private final PendingLog log;

    PendingSender(
            HipChatConfig config,
            AlertStates states,
            HipChatClient hipChat,
            RoomThrottle throttle,
            InstantSource clock,
            PendingLog log) {
        this.config = config;
        this.states = states;
        this.hipChat = hipChat;
        this.throttle = throttle;
        this.clock = clock;
        this.log = log;
    }

    /** Sends the changes of one room until a try fails, the time is over, or {@code mayGoOn} says no. */
    RoomSend send(
            Destination destination,
            List<PendingAlert> due,
            Deadline deadline,
            BooleanSupplier mayGoOn,
            Outcomes outcomes) {
        RoomSend progress = new RoomSend(destination, deadline, outcomes);
        List<PendingAlert> left = due.stream().sorted(Digest.ORDER).toList();
        int digestFrom = config.digest().from();
        while (progress.isOpen() && !left.isEmpty() && hasTimeForATry(deadline) && mayGoOn.getAsBoolean()) {
            boolean isDigest = digestFrom > 0 && left.size() >= digestFrom;
            List<PendingAlert> next = isDigest ? Digest.of(left).alerts() : List.of(left.get(0));
            left = left.subList(next.size(), left.size());
            progress.send(next);
        }
        return progress;
    }

    /** Returns whether a try that begins now can end before the deadline. */
    boolean hasTimeForATry(Deadline deadline) {
        return states.sendBy(deadline)
                        .left()
                        .compareTo(shorter(
                                RetryPolicy.SHORTEST_TRY, config.deadline().dividedBy(NO_TRY_BELOW_PART)))
                >= 0;
    }

    private Notification notification(List<PendingAlert> alerts) {
        if (alerts.size() == 1) {
            PendingAlert alert = alerts.get(0);
            return Notification.of(
                    alert.pending().change().level(), alert.alert().message(), config);
        }
        Digest digest = Digest.of(alerts);
        return Notification.ofDigest(digest.level(), digest.text(), config);
    }

    /** The sends to one room, one after the other. */
    final class RoomSend {

        private final Destination destination;
        private final Deadline deadline;
        private final Outcomes outcomes;
        private boolean isOpen = true;
        private boolean isAnyClaimed;
        private Instant nextTry = Instant.MAX;

        private RoomSend(Destination destination, Deadline deadline, Outcomes outcomes) {
            this.destination = destination;
            this.deadline = deadline;
            this.outcomes = outcomes;
        }

        Destination destination() {
            return destination;
        }

        /** Returns whether no try has failed. */
        boolean isOpen() {
            return isOpen;
        }

        /** Returns when to look at the room again; {@link Instant#MAX} when nothing but the next poll helps. */
        Instant nextLook() {
            return isOpen && isAnyClaimed ? clock.instant() : nextTry;
        }

        /** Sends changes as one message, a single one as itself. */
        private void send(List<PendingAlert> alerts) {
            Instant start = clock.instant();
            Map<PendingAlert, Claim.Granted> claimed = new LinkedHashMap<>();
            List<UnderWay> underWay = new ArrayList<>();
            Optional<SendResult> result = Optional.empty();
            try {
                claim(alerts, claimed, underWay);
                if (!claimed.isEmpty()) {
                    result = Optional.of(request(claimed, Duration.between(start, clock.instant())));
                }
            } finally {
                // In every case: a lease that is left behind blocks its alert.
                if (!claimed.isEmpty()) {
                    isAnyClaimed = true;
                    settle(claimed, result.orElseGet(this::inDoubtByABug), start);
                }
                underWay.forEach(states::end);
            }
        }

        private SendResult inDoubtByABug() {
            return new SendResult.InDoubt(
                    "a bug", Optional.empty(), clock.instant().plus(config.requestTimeout()));
        }

        /** Claims what can be claimed at once, and in time; the rest stays pending. */
        private void claim(
                List<PendingAlert> alerts, Map<PendingAlert, Claim.Granted> claimed, List<UnderWay> underWay) {
            Deadline claimBy = deadline.lessThan(
                    deadline.left().dividedBy(PARTS_OF_A_DIGEST).multipliedBy(2));
            try {
                for (PendingAlert alert : alerts) {
                    if (!claimed.isEmpty() && claimBy.passed()) {
                        return;
                    }
                    Claim claim = states.claim(alert, deadline);
                    if (claim instanceof Claim.Granted granted) {
                        claimed.put(alert, granted);
                        underWay.add(states.begin(alert));
                    } else if (claim instanceof Claim.Suppressed) {
                        isAnyClaimed = true;
                        outcomes.ended(alert, Result.STALE, LastStep.without(""));
                    } else if (claim instanceof Claim.Busy busy && busy.until().isBefore(nextTry)) {
                        nextTry = busy.until();
                    }
                }
            } catch (StoreUnavailable outage) {
                LOG.debugf("Not all pending changes of a room could be claimed: %s", outage.getCause());
                isOpen = false;
                nextTry = clock.instant().plus(STORE_RETRY);
            }
        }

        /** @param claiming the time that the claims took: settling takes about as long */
        private SendResult request(Map<PendingAlert, Claim.Granted> claimed, Duration claiming) {
            Duration left = shorter(
                    states.sendBy(deadline).left(), deadline.lessThan(claiming).left());
            return left.isZero()
                    ? new SendResult.NotSent("no time was left for a try", Optional.empty(), false)
                    : hipChat.send(
                            destination.room(),
                            destination.token(),
                            notification(List.copyOf(claimed.keySet())),
                            shorter(left, config.requestTimeout()));
        }

        private void settle(Map<PendingAlert, Claim.Granted> claimed, SendResult result, Instant start) {
            // Tokens are rotated and rooms renamed: the same message may be accepted later.
            boolean isRefusedRoom = result instanceof SendResult.Rejected rejected && rejected.isOfRoom();
            SendResult settled =
                    isRefusedRoom ? new SendResult.NotSent(result.detail(), Optional.empty(), false) : result;
            if (settled instanceof SendResult.Accepted || settled instanceof SendResult.Rejected) {
                throttle.answered(destination.room(), destination.token());
                log.answeredRoom(destination.room());
            } else {
                isOpen = false;
                boolean isRateLimited = settled instanceof SendResult.NotSent notSent && notSent.isRateLimited();
                if (!isRateLimited) {
                    log.failedRoom(destination.room(), settled.detail());
                }
                nextTry = throttle.failed(
                        destination.room(), destination.token(), settled.retryAt(), isRateLimited, isRefusedRoom);
            }
            Instant due = settled.retryAt().orElseGet(clock::instant);
            claimed.forEach((alert, claim) -> {
                Settled state = states.settle(claim, settled, Optional.of(due));
                Duration took = Duration.between(start, clock.instant());
                if (settled instanceof SendResult.Accepted) {
                    outcomes.ended(alert, Result.SENT, new LastStep(1, took, ""));
                } else if (settled instanceof SendResult.Rejected rejected) {
                    outcomes.ended(alert, Result.REFUSED, new LastStep(1, took, rejected.detail()));
                } else if (state == Settled.OVER) {
                    // A newer event took its place meanwhile.
                    outcomes.ended(alert, Result.STALE, new LastStep(1, took, settled.detail()));
                }
            });
        }
    }
}
