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
 * Sends the pending changes (contract §5a): by a timer for those that this process stored, by a poll for those that
 * nobody works on, and by a flush. Each room is sent to on its own; no thread waits for a room that is not due.
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

    /** The keys of the changes that this process stored. It looks at them without the index. */
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

    /** Starts the timers: the first look is at once, and one follows every {@code hipchat.pending.poll}. */
    public void start() {
        if (isSwitchedOn()) {
            wakes.start(config.pending().poll());
        }
    }

    /** Starts no new deliveries any more; those under way finish. With the memory store, the others are lost. */
    public void stop() {
        isStopping = true;
        wakes.stop();
        states.lostWithProcess().forEach(alert -> log.ended(alert.pending(), Result.EXPIRED, 0, "the process ends"));
    }

    /** Notes a change that this process has stored. */
    void stored(String key, Instant nextTry) {
        if (own.size() < MAX_OWN) {
            own.add(key);
        }
        wakes.at(nextTry);
    }

    /** Looks for due changes of this process at {@code moment}. */
    void wake(Instant moment) {
        if (!own.isEmpty()) {
            wakes.at(moment);
        }
    }

    /**
     * Tries everything that is due, whatever the backoff says, each room until its first try that fails.
     *
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
            // The store's own log line tells of it; the next look comes by itself.
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
        throttle.beginNextTry(room.name(), room.token(), config.deadline());
        executor.execute(() -> {
            try {
                send(room, due, Deadline.in(config.deadline(), clock), new Tally());
            } finally {
                throttle.endNextTry(room.name(), room.token());
                busy.remove(room);
                wakes.at(throttle.unavailable(room.name(), room.token())
                        .map(RoomThrottle.Unavailable::nextTry)
                        .orElseGet(clock::instant));
            }
        });
    }

    /** Groups what can be sent by room and token. Gives up what is too old, and leaves to others what has no token here. */
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

    /** Returns the token of the handler that asked for the delivery, else the configured one. */
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

    /** Sends changes as one message, a single one as itself. Returns whether the room takes more. */
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
            // In every case: a lease that is left behind blocks its alert.
            settle(room, claimed, result, tally);
        }
        return result instanceof SendResult.Accepted
                || (result instanceof SendResult.Rejected rejected && !isRefusedRoom(rejected));
    }

    /** Claims what can be claimed at once; the rest stays pending. */
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

    /** Tokens are rotated and rooms renamed: a change that one of these answers refuses may be accepted later. */
    private static boolean isRefusedRoom(SendResult.Rejected rejected) {
        return rejected.status() == 401 || rejected.status() == 403 || rejected.status() == 404;
    }

    /** Counts of one look. Rooms count side by side. */
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
