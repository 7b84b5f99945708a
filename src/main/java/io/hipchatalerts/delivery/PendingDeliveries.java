package io.hipchatalerts.delivery;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.delivery.PendingLog.LastStep;
import io.hipchatalerts.delivery.PendingLog.Result;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.hipchat.RoomThrottle;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.outcome.LogText;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.Claim;
import io.hipchatalerts.state.PendingAlert;
import io.hipchatalerts.state.StoredAlert;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Timer;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Sends the pending changes (contract §5a): a timer sends those that this process stored, a poll those that no process
 * works on, and a flush all that are due. Rooms are independent of each other; no thread waits for a room that is not
 * due.
 */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class PendingDeliveries {

    private static final Logger LOG = Logger.getLogger(PendingDeliveries.class);
    private static final int MAX_OWN = 100_000;
    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    /** A short deadline leaves less than {@link RetryPolicy#SHORTEST_TRY} for a try. */
    private static final int NO_TRY_BELOW_PART = 20;

    private record Room(String name, Token token) {}

    private final HipChatConfig config;
    private final AlertStates states;
    private final HipChatClient hipChat;
    private final RoomThrottle throttle;
    private final TopicHandlers handlers;
    private final InstantSource clock;
    private final Executor executor;
    private final Wakes wakes;
    private final PendingLog log;

    /** The keys of the changes that this process stored, each with the last time. It looks at them without the index. */
    private final Map<String, Object> own = new ConcurrentHashMap<>();

    /** The rooms that this process sends to in the background, and the end of that. */
    private final Map<Room, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

    private volatile boolean isStopping;

    PendingDeliveries(
            HipChatConfig config,
            AlertStates states,
            HipChatClient hipChat,
            RoomThrottle throttle,
            TopicHandlers handlers,
            InstantSource clock,
            Executor executor,
            Timer timer,
            PendingLog log) {
        this.config = config;
        this.states = states;
        this.hipChat = hipChat;
        this.throttle = throttle;
        this.handlers = handlers;
        this.clock = clock;
        this.executor = executor;
        this.log = log;
        this.wakes = new Wakes(this::sendDue, clock, timer);
        states.onEviction(change ->
                log.ended(change, Result.EXPIRED, LastStep.without("the memory store has no room for its alert")));
        states.onReplaced(alert -> ended(alert, Result.STALE, LastStep.without(""), new Tally()));
    }

    /**
     * Starts the poll: at once, and then every {@code hipchat.pending.poll}. Does nothing if pending changes are
     * disabled.
     */
    public void start() {
        if (isSwitchedOn()) {
            wakes.start(config.pending().poll());
        }
    }

    /**
     * Starts no more deliveries; those under way finish. With the memory store, all other pending changes are lost and
     * logged as expired.
     */
    public void stop() {
        isStopping = true;
        wakes.stop();
        CompletableFuture.allOf(underWay.values().toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, config.deadline().toMillis(), TimeUnit.MILLISECONDS)
                .join();
        states.lostWithProcess()
                .forEach(alert -> log.ended(alert.pending(), Result.EXPIRED, LastStep.without("the process ends")));
    }

    /** Records that this process stored a change, whose next try is at {@code nextTry}. */
    void stored(String key, Instant nextTry) {
        if (own.size() < MAX_OWN) {
            own.put(key, new Object());
        }
        wakes.at(nextTry);
    }

    /** Notes that HipChat accepted or refused a message for a room. Its pending changes need not wait any longer. */
    void answered(String room, Token token) {
        log.answeredRoom(room);
        if (throttle.answered(room, token)) {
            wakes.at(clock.instant());
        }
    }

    /**
     * Tries every change that is due and ignores the backoff. Each room ends with its first failed try.
     *
     * @param deadline the end of all tries
     * @return the number of changes by result, and the number that stay pending
     * @throws StoreUnavailable when the store does not answer
     */
    public FlushOutcome flush(Deadline deadline) {
        FlushOutcome outcome = isSwitchedOn() ? flushAll(deadline) : FlushOutcome.NOTHING;
        log.flushed(outcome);
        return outcome;
    }

    private FlushOutcome flushAll(Deadline deadline) {
        Tally tally = new Tally();
        Set<Room> closed = new HashSet<>();
        int before;
        do {
            before = tally.total();
            List<Supplier<Progress>> rooms = new ArrayList<>();
            byRoom(due(), tally).forEach((room, due) -> {
                if (!closed.contains(room)) {
                    rooms.add(() -> send(room, due, deadline, tally, () -> true));
                }
            });
            Concurrently.all(rooms, executor).stream()
                    .filter(progress -> !progress.isOpen())
                    .forEach(progress -> closed.add(progress.room));
            // One look does not find everything when very many changes are due.
        } while (tally.total() > before && hasTimeForATry(deadline));
        long pending = states.pendingCount();
        log.pendingNow(pending);
        return new FlushOutcome(tally.flushed(), pending);
    }

    private boolean isSwitchedOn() {
        return config.enabled() && config.pending().enabled();
    }

    private List<PendingAlert> due() {
        Map<String, Object> known = Map.copyOf(own);
        // Somebody sent or replaced it. A change that was stored since the look stays.
        return states.due(known.keySet(), key -> own.remove(key, known.get(key)));
    }

    private void sendDue() {
        try {
            List<PendingAlert> due = due();
            log.pendingNow(states.pendingCount());
            byRoom(due, new Tally()).forEach(this::sendInBackground);
        } catch (StoreUnavailable outage) {
            // MeteredStore logs the outage.
            wakes.at(clock.instant().plus(STORE_RETRY));
        } catch (RuntimeException bug) {
            LOG.error("A look at the pending changes failed because of a bug", bug);
            wakes.at(clock.instant().plus(STORE_RETRY));
        }
    }

    private void sendInBackground(Room room, List<PendingAlert> due) {
        Optional<RoomThrottle.Unavailable> unavailable = throttle.unavailable(room.name(), room.token());
        if (unavailable.isPresent()) {
            wakes.at(unavailable.get().nextTry());
            return;
        }
        CompletableFuture<Void> end = new CompletableFuture<>();
        if (underWay.putIfAbsent(room, end) != null) {
            return;
        }
        throttle.beginNextTry(room.name(), room.token(), config.deadline());
        try {
            executor.execute(() -> {
                try {
                    Deadline deadline = Deadline.in(config.deadline(), clock);
                    wakes.at(send(room, due, deadline, new Tally(), () -> !isStopping)
                            .nextLook());
                } catch (RuntimeException | Error bug) {
                    LOG.errorf(
                            bug,
                            "Pending changes of room %s were not sent because of a bug",
                            LogText.quoted(room.name()));
                    wakes.at(clock.instant().plus(STORE_RETRY));
                } finally {
                    ended(room, end);
                }
            });
        } catch (RejectedExecutionException goingDown) {
            ended(room, end);
        }
    }

    private void ended(Room room, CompletableFuture<Void> end) {
        throttle.endNextTry(room.name(), room.token());
        underWay.remove(room, end);
        end.complete(null);
    }

    /**
     * Groups the changes by room and token. Drops changes that are too old, and skips changes for which this process
     * has no token.
     */
    private Map<Room, List<PendingAlert>> byRoom(List<PendingAlert> due, Tally tally) {
        Instant oldest = clock.instant().minus(config.pending().maxAge());
        Map<Room, List<PendingAlert>> rooms = new LinkedHashMap<>();
        for (PendingAlert alert : due) {
            if (!alert.pending().since().isBefore(oldest)) {
                token(alert.alert()).ifPresent(token -> rooms.computeIfAbsent(
                                new Room(alert.alert().room(), token), first -> new ArrayList<>())
                        .add(alert));
            } else if (states.giveUp(alert)) {
                ended(alert, Result.EXPIRED, LastStep.without(""), tally);
            }
        }
        return rooms;
    }

    /** Returns the token of the handler that asked for the delivery, or else the configured token. */
    private Optional<Token> token(StoredAlert alert) {
        return alert.topic().stream()
                .flatMap(topic -> handlers.of(topic).stream())
                .filter(handler -> alert.handler().equals(Optional.of(handler.id())))
                .findFirst()
                .flatMap(TopicHandler::token)
                .or(config::token);
    }

    /** Sends the changes of one room until a try fails, the time is over, or {@code mayGoOn} says no. */
    private Progress send(Room room, List<PendingAlert> due, Deadline deadline, Tally tally, BooleanSupplier mayGoOn) {
        Progress progress = new Progress(room, deadline, tally);
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

    private boolean hasTimeForATry(Deadline deadline) {
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

    private void ended(PendingAlert alert, Result result, LastStep last, Tally tally) {
        own.remove(alert.key());
        tally.count(result);
        log.ended(alert.pending(), result, last);
    }

    /** The sends to one room, one after the other. */
    private final class Progress {

        private final Room room;
        private final Deadline deadline;
        private final Tally tally;
        private boolean isOpen = true;
        private boolean isAnyClaimed;
        private Instant nextTry = Instant.MAX;

        Progress(Room room, Deadline deadline, Tally tally) {
            this.room = room;
            this.deadline = deadline;
            this.tally = tally;
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
        void send(List<PendingAlert> alerts) {
            Instant start = clock.instant();
            Map<PendingAlert, Claim.Granted> claimed = new LinkedHashMap<>();
            SendResult result = new SendResult.InDoubt("a bug", Optional.empty(), start.plus(config.requestTimeout()));
            try {
                claim(alerts, claimed);
                if (!claimed.isEmpty()) {
                    result = request(claimed);
                }
            } finally {
                // In every case: a lease that is left behind blocks its alert.
                if (!claimed.isEmpty()) {
                    isAnyClaimed = true;
                    settle(claimed, result, start);
                }
            }
        }

        /** Claims what can be claimed at once; the rest stays pending. */
        private void claim(List<PendingAlert> alerts, Map<PendingAlert, Claim.Granted> claimed) {
            try {
                for (PendingAlert alert : alerts) {
                    Claim claim = states.claim(alert, deadline);
                    if (claim instanceof Claim.Granted granted) {
                        claimed.put(alert, granted);
                    } else if (claim instanceof Claim.Suppressed) {
                        isAnyClaimed = true;
                        ended(alert, Result.STALE, LastStep.without(""), tally);
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

        private SendResult request(Map<PendingAlert, Claim.Granted> claimed) {
            Duration left = states.sendBy(deadline).left();
            return left.isZero()
                    ? new SendResult.NotSent("no time was left for a try", Optional.empty(), false)
                    : hipChat.send(
                            room.name(),
                            room.token(),
                            notification(List.copyOf(claimed.keySet())),
                            shorter(left, config.requestTimeout()));
        }

        private void settle(Map<PendingAlert, Claim.Granted> claimed, SendResult result, Instant start) {
            // Tokens are rotated and rooms renamed: the same message may be accepted later.
            boolean isRefusedRoom = result instanceof SendResult.Rejected rejected && rejected.isOfRoom();
            SendResult settled =
                    isRefusedRoom ? new SendResult.NotSent(result.detail(), Optional.empty(), false) : result;
            if (settled instanceof SendResult.Accepted || settled instanceof SendResult.Rejected) {
                throttle.answered(room.name(), room.token());
                log.answeredRoom(room.name());
            } else {
                isOpen = false;
                boolean isRateLimited = settled instanceof SendResult.NotSent notSent && notSent.isRateLimited();
                if (!isRateLimited) {
                    log.failedRoom(room.name(), settled.detail());
                }
                nextTry = throttle.failed(room.name(), room.token(), settled.retryAt(), isRateLimited, isRefusedRoom);
            }
            Instant due = settled.retryAt().orElseGet(clock::instant);
            claimed.forEach((alert, claim) -> {
                states.settle(claim, settled, Optional.of(due));
                Duration took = Duration.between(start, clock.instant());
                if (settled instanceof SendResult.Accepted) {
                    ended(alert, Result.SENT, new LastStep(1, took, ""), tally);
                } else if (settled instanceof SendResult.Rejected rejected) {
                    ended(alert, Result.REFUSED, new LastStep(1, took, rejected.detail()), tally);
                }
            });
        }
    }

    /** The counts of one poll or flush. Rooms count concurrently. */
    private static final class Tally {

        private final Map<Result, Integer> counts = new ConcurrentHashMap<>();

        void count(Result result) {
            counts.merge(result, 1, Integer::sum);
        }

        int total() {
            return counts.values().stream().mapToInt(Integer::intValue).sum();
        }

        FlushOutcome.Flushed flushed() {
            return new FlushOutcome.Flushed(of(Result.SENT), of(Result.REFUSED), of(Result.EXPIRED), of(Result.STALE));
        }

        private int of(Result result) {
            return counts.getOrDefault(result, 0);
        }
    }
}
