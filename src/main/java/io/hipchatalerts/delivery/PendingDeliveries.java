package io.hipchatalerts.delivery;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.delivery.PendingLog.Result;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.hipchat.RoomThrottle;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.Claim;
import io.hipchatalerts.state.PendingAlert;
import io.hipchatalerts.state.StoredAlert;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.time.Deadline;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.context.ManagedExecutor;
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
    private static final Duration SHORTEST_TRY = Duration.ofMillis(50);
    private static final int MAX_OWN = 100_000;

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

    /** The keys of the changes that this process stored. Their records are read without the index. */
    private final Set<String> own = ConcurrentHashMap.newKeySet();

    private final Set<Room> busy = ConcurrentHashMap.newKeySet();
    private volatile boolean isStopping;

    @Inject
    PendingDeliveries(
            HipChatConfig config,
            AlertStates states,
            HipChatClient hipChat,
            RoomThrottle throttle,
            TopicHandlers handlers,
            InstantSource clock,
            ManagedExecutor executor,
            PendingLog log) {
        this(config, states, hipChat, throttle, handlers, clock, (Executor) executor, log);
    }

    PendingDeliveries(
            HipChatConfig config,
            AlertStates states,
            HipChatClient hipChat,
            RoomThrottle throttle,
            TopicHandlers handlers,
            InstantSource clock,
            Executor executor,
            PendingLog log) {
        this.config = config;
        this.states = states;
        this.hipChat = hipChat;
        this.throttle = throttle;
        this.handlers = handlers;
        this.clock = clock;
        this.executor = executor;
        this.log = log;
        this.wakes = new Wakes(this::sendDue, clock, executor);
        states.onEviction(change -> log.ended(change, Result.EXPIRED, 0, "the memory store has no room for its alert"));
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
        states.lostWithProcess().forEach(alert -> log.ended(alert.pending(), Result.EXPIRED, 0, "the process ends"));
    }

    /** Records that this process stored a change, whose next try is at {@code nextTry}. */
    void stored(String key, Instant nextTry) {
        if (own.size() < MAX_OWN) {
            own.add(key);
        }
        wakes.at(nextTry);
    }

    /** Polls at {@code moment} if this process stored a change. */
    void wake(Instant moment) {
        if (!own.isEmpty()) {
            wakes.at(moment);
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
        if (!isSwitchedOn()) {
            return FlushOutcome.NOTHING;
        }
        Tally tally = new Tally();
        List<CompletableFuture<Void>> rooms = new ArrayList<>();
        byRoom(states.due(own), tally)
                .forEach((room, due) ->
                        rooms.add(CompletableFuture.runAsync(() -> send(room, due, deadline, tally), executor)));
        CompletableFuture.allOf(rooms.toArray(CompletableFuture[]::new)).join();
        FlushOutcome outcome = new FlushOutcome(tally.flushed(), states.pendingCount());
        log.flushed(outcome);
        return outcome;
    }

    private boolean isSwitchedOn() {
        return config.enabled() && config.pending().enabled();
    }

    private void sendDue() {
        try {
            List<PendingAlert> due = states.due(own);
            log.pendingNow(states.pendingCount());
            byRoom(due, new Tally()).forEach(this::sendInBackground);
        } catch (StoreUnavailable outage) {
            // MeteredStore logs the outage, and the next poll tries again.
        }
    }

    private void sendInBackground(Room room, List<PendingAlert> due) {
        Optional<RoomThrottle.Unavailable> unavailable = throttle.unavailable(room.name(), room.token());
        if (unavailable.isPresent()) {
            wakes.at(unavailable.get().nextTry());
            return;
        }
        if (isStopping || !busy.add(room)) {
            return;
        }
        executor.execute(() -> {
            try {
                send(room, due, Deadline.in(config.deadline(), clock), new Tally());
            } finally {
                busy.remove(room);
                wakes.at(throttle.unavailable(room.name(), room.token())
                        .map(RoomThrottle.Unavailable::nextTry)
                        .orElseGet(clock::instant));
            }
        });
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
                ended(alert, Result.EXPIRED, 0, "", tally);
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

    /** Sends the changes of one room until a try fails. */
    private void send(Room room, List<PendingAlert> due, Deadline deadline, Tally tally) {
        List<PendingAlert> left =
                new ArrayList<>(due.stream().sorted(Digest.ORDER).toList());
        int digestFrom = config.digest().from();
        boolean isOpen = true;
        while (isOpen && !left.isEmpty() && deadline.left().compareTo(SHORTEST_TRY) > 0) {
            boolean isDigest = digestFrom > 0 && left.size() >= digestFrom;
            List<PendingAlert> next = isDigest ? Digest.of(left).alerts() : List.of(left.get(0));
            left.removeAll(next);
            isOpen = sendTogether(room, next, deadline, tally);
        }
    }

    /**
     * Sends changes as one message: a digest, or the change itself if it is the only one. Returns whether to send more
     * to the room.
     */
    private boolean sendTogether(Room room, List<PendingAlert> alerts, Deadline deadline, Tally tally) {
        Map<PendingAlert, Claim.Granted> claimed = claim(alerts, deadline, tally);
        if (claimed.isEmpty()) {
            return true;
        }
        SendResult result = new SendResult.InDoubt(
                "a bug", Optional.empty(), clock.instant().plus(config.requestTimeout()));
        try {
            result = hipChat.send(
                    room.name(),
                    room.token(),
                    notification(List.copyOf(claimed.keySet())),
                    shorter(deadline.left(), config.requestTimeout()));
        } finally {
            // Also after a bug: a lease that is not settled blocks its alert.
            settle(room, claimed, result, tally);
        }
        return result instanceof SendResult.Accepted
                || (result instanceof SendResult.Rejected rejected && !isRefusedRoom(rejected));
    }

    /** Claims the changes that can be claimed without waiting; the others stay pending. */
    private Map<PendingAlert, Claim.Granted> claim(List<PendingAlert> alerts, Deadline deadline, Tally tally) {
        Map<PendingAlert, Claim.Granted> claimed = new LinkedHashMap<>();
        try {
            for (PendingAlert alert : alerts) {
                Claim claim = states.claim(alert, deadline);
                if (claim instanceof Claim.Granted granted) {
                    claimed.put(alert, granted);
                } else if (claim instanceof Claim.Suppressed) {
                    ended(alert, Result.STALE, 0, "", tally);
                }
            }
        } catch (StoreUnavailable outage) {
            LOG.debugf("Not all pending changes of a room could be claimed: %s", outage.getCause());
        }
        return claimed;
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

    private void settle(Room room, Map<PendingAlert, Claim.Granted> claimed, SendResult result, Tally tally) {
        boolean isRefusedRoom = result instanceof SendResult.Rejected rejected && isRefusedRoom(rejected);
        SendResult settled = isRefusedRoom ? new SendResult.NotSent(result.detail(), Optional.empty(), false) : result;
        boolean isAnswered = settled instanceof SendResult.Accepted || settled instanceof SendResult.Rejected;
        if (isAnswered) {
            throttle.answered(room.name(), room.token());
            log.acceptedRoom(room.name());
        } else {
            boolean isRateLimited = settled instanceof SendResult.NotSent notSent && notSent.isRateLimited();
            throttle.failed(room.name(), room.token(), settled.retryAt(), isRateLimited, isRefusedRoom);
        }
        if (isRefusedRoom) {
            log.refusedRoom(room.name(), result.detail());
        }
        Instant due = settled.retryAt().orElseGet(clock::instant);
        claimed.forEach((alert, claim) -> {
            states.settle(claim, settled, Optional.of(due));
            if (settled instanceof SendResult.Accepted) {
                ended(alert, Result.SENT, 1, "", tally);
            } else if (settled instanceof SendResult.Rejected rejected) {
                ended(alert, Result.REFUSED, 1, rejected.detail(), tally);
            }
        });
    }

    private void ended(PendingAlert alert, Result result, int attempts, String detail, Tally tally) {
        own.remove(alert.key());
        tally.count(result);
        log.ended(alert.pending(), result, attempts, detail);
    }

    /**
     * Returns whether HipChat refuses the room or the token. Tokens are rotated and rooms renamed, so that a later try
     * may succeed.
     */
    private static boolean isRefusedRoom(SendResult.Rejected rejected) {
        return rejected.status() == 401 || rejected.status() == 403 || rejected.status() == 404;
    }

    /** The counts of one poll or flush. Rooms count concurrently. */
    private static final class Tally {

        private final Map<Result, Integer> counts = new ConcurrentHashMap<>();

        void count(Result result) {
            counts.merge(result, 1, Integer::sum);
        }

        FlushOutcome.Flushed flushed() {
            return new FlushOutcome.Flushed(of(Result.SENT), of(Result.REFUSED), of(Result.EXPIRED), of(Result.STALE));
        }

        private int of(Result result) {
            return counts.getOrDefault(result, 0);
        }
    }
}
