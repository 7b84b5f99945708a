package io.hipchatalerts.delivery;

import static io.hipchatalerts.time.Durations.shorter;
import static java.util.stream.Collectors.groupingBy;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
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
        this.config = config;
        this.states = states;
        this.hipChat = hipChat;
        this.throttle = throttle;
        this.handlers = handlers;
        this.clock = clock;
        this.executor = executor;
        this.log = log;
        this.wakes = new Wakes(this::sendDue, clock, executor);
    }

    /** Starts the timers: the first look is at once, and one follows every {@code hipchat.pending.poll}. */
    public void start() {
        if (isSwitchedOn()) {
            wakes.start(config.pending().poll());
        }
    }

    /** Starts no new deliveries any more; those under way finish. */
    public void stop() {
        isStopping = true;
        wakes.stop();
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
                .forEach((room, due) -> rooms.add(CompletableFuture.runAsync(
                        () -> send(room, due, deadline, tally), executor)));
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

    /** Groups what can be sent by room and token. Gives up what is too old, and leaves to others what has no token here. */
    private Map<Room, List<PendingAlert>> byRoom(List<PendingAlert> due, Tally tally) {
        Instant oldest = clock.instant().minus(config.pending().maxAge());
        List<PendingAlert> kept = new ArrayList<>();
        for (PendingAlert alert : due) {
            if (!alert.pending().since().isBefore(oldest)) {
                kept.add(alert);
            } else if (states.giveUp(alert)) {
                own.remove(alert.key());
                tally.expired++;
                log.expired(alert);
            }
        }
        return kept.stream()
                .filter(alert -> token(alert).isPresent())
                .collect(groupingBy(
                        alert -> new Room(alert.alert().room(), token(alert).orElseThrow()), LinkedHashMap::new,
                        java.util.stream.Collectors.toList()));
    }

    private Optional<Token> token(PendingAlert alert) {
        return alert.alert()
                .handler()
                .flatMap(id -> alert.alert().topic().stream()
                        .flatMap(topic -> handlers.of(topic).stream())
                        .filter(handler -> handler.id().equals(id))
                        .findFirst())
                .flatMap(TopicHandler::token)
                .or(config::token);
    }

    /** Sends the changes of one room until a try fails. */
    private void send(Room room, List<PendingAlert> due, Deadline deadline, Tally tally) {
        List<PendingAlert> left = new ArrayList<>(due.stream().sorted(Digest.ORDER).toList());
        boolean goesOn = true;
        while (goesOn && !left.isEmpty() && deadline.left().compareTo(SHORTEST_TRY) > 0) {
            boolean isDigest =
                    config.digest().from() > 0 && left.size() >= config.digest().from();
            List<PendingAlert> next = isDigest ? Digest.of(left).alerts() : List.of(left.get(0));
            left.removeAll(next);
            goesOn = sendTogether(room, next, deadline, tally);
        }
    }

    /** Sends changes as one message, a single one as itself. Returns whether the room takes more. */
    private boolean sendTogether(Room room, List<PendingAlert> alerts, Deadline deadline, Tally tally) {
        Map<PendingAlert, Claim.Granted> claimed = new LinkedHashMap<>();
        try {
            for (PendingAlert alert : alerts) {
                claim(alert, deadline, tally).ifPresent(claim -> claimed.put(alert, claim));
            }
        } catch (StoreUnavailable outage) {
            // What is claimed already is sent; the rest stays pending.
        }
        if (claimed.isEmpty()) {
            return true;
        }
        SendResult result = null;
        try {
            result = request(room, List.copyOf(claimed.keySet()), deadline);
        } finally {
            SendResult last = result == null ? bug() : result;
            boolean isKept = last instanceof SendResult.Rejected rejected && isRefusedRoom(rejected.status());
            Optional<Instant> nextTry = last instanceof SendResult.Accepted
                            || (last instanceof SendResult.Rejected && !isKept)
                    ? Optional.empty()
                    : Optional.of(throttle.failed(
                            room.name(), room.token(), last.retryAt(), isRateLimited(last), isKept));
            if (nextTry.isEmpty()) {
                throttle.answered(room.name(), room.token());
            } else if (isKept) {
                log.refusedRoom(room.name(), last.detail());
            }
            SendResult settled = isKept ? new SendResult.NotSent(last.detail(), Optional.empty(), false) : last;
            claimed.forEach((alert, claim) -> settle(alert, claim, settled, nextTry, tally));
        }
        return result instanceof SendResult.Accepted || (result instanceof SendResult.Rejected rejected
                && !isRefusedRoom(rejected.status()));
    }

    private Optional<Claim.Granted> claim(PendingAlert alert, Deadline deadline, Tally tally) {
        Claim claim = states.claim(alert, deadline);
        if (claim instanceof Claim.Suppressed) {
            own.remove(alert.key());
            tally.stale++;
            log.stale(alert);
        }
        return claim instanceof Claim.Granted granted ? Optional.of(granted) : Optional.empty();
    }

    private SendResult request(Room room, List<PendingAlert> alerts, Deadline deadline) {
        Notification notification;
        if (alerts.size() == 1) {
            PendingAlert alert = alerts.get(0);
            notification = Notification.of(
                    alert.pending().change().level(), alert.alert().message(), config);
        } else {
            Digest digest = Digest.of(alerts);
            notification = Notification.ofDigest(digest.level(), digest.text(), config);
        }
        return hipChat.send(
                room.name(), room.token(), notification, shorter(deadline.left(), config.requestTimeout()));
    }

    private void settle(
            PendingAlert alert, Claim.Granted claim, SendResult result, Optional<Instant> nextTry, Tally tally) {
        states.settle(claim, result, nextTry.map(moment -> result.retryAt().orElseGet(clock::instant)));
        if (result instanceof SendResult.Accepted) {
            own.remove(alert.key());
            tally.sent++;
            log.sent(alert);
        } else if (result instanceof SendResult.Rejected rejected) {
            own.remove(alert.key());
            tally.refused++;
            log.refused(alert, rejected.detail());
        }
    }

    /** Tokens are rotated and rooms renamed: what these answers refuse now may be accepted later. */
    private static boolean isRefusedRoom(int status) {
        return status == 401 || status == 403 || status == 404;
    }

    private static boolean isRateLimited(SendResult result) {
        return result instanceof SendResult.NotSent notSent && notSent.isRateLimited();
    }

    private SendResult bug() {
        return new SendResult.InDoubt(
                "a bug", Optional.empty(), clock.instant().plus(config.requestTimeout()));
    }

    /** Counts of one look; rooms count side by side. */
    private static final class Tally {

        private int sent;
        private int refused;
        private int expired;
        private int stale;

        FlushOutcome.Flushed flushed() {
            return new FlushOutcome.Flushed(sent, refused, expired, stale);
        }
    }
}
