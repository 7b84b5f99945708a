package io.hipchatalerts.delivery;

import static io.hipchatalerts.delivery.PendingSender.STORE_RETRY;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.delivery.PendingLog.LastStep;
import io.hipchatalerts.delivery.PendingLog.Result;
import io.hipchatalerts.delivery.PendingSender.Outcomes;
import io.hipchatalerts.delivery.PendingSender.RoomSend;
import io.hipchatalerts.hipchat.Destination;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.RoomThrottle;
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.outcome.LogText;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.PendingAlert;
import io.hipchatalerts.state.StoredAlert;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Timer;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
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

    private final HipChatConfig config;
    private final AlertStates states;
    private final RoomThrottle throttle;
    private final TopicHandlers handlers;
    private final InstantSource clock;
    private final Executor executor;
    private final Wakes wakes;
    private final PendingLog log;
    private final PendingSender sender;

    /** The changes that this process stored, by key. When they are due, it looks at them without the index. */
    private final Map<String, Own> own = new ConcurrentHashMap<>();

    /** The rooms that this process sends to in the background, and the end of that. */
    private final Map<Destination, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

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
        this.throttle = throttle;
        this.handlers = handlers;
        this.clock = clock;
        this.executor = executor;
        this.log = log;
        this.sender = new PendingSender(config, states, hipChat, throttle, clock, log);
        this.wakes = new Wakes(this::sendDue, clock, timer);
        states.pending()
                .onEviction(change -> log.ended(
                        change, Result.EXPIRED, LastStep.without("the memory store has no room for its alert")));
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
        states.pending()
                .lostWithProcess()
                .forEach(alert -> log.ended(alert.pending(), Result.EXPIRED, LastStep.without("the process ends")));
    }

    /** Records that this process stored a change, whose next try is at {@code nextTry}. */
    void stored(String key, Instant nextTry) {
        if (own.size() < MAX_OWN) {
            own.put(key, new Own(nextTry));
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
        Set<Destination> closed = new HashSet<>();
        int before;
        do {
            before = tally.total();
            List<Supplier<RoomSend>> rooms = new ArrayList<>();
            byRoom(due(deadline), tally).forEach((to, due) -> {
                if (!closed.contains(to)) {
                    rooms.add(() -> sender.send(to, due, deadline, () -> true, counting(tally)));
                }
            });
            Concurrently.all(rooms, executor).stream()
                    .filter(progress -> !progress.isOpen())
                    .forEach(progress -> closed.add(progress.destination()));
            // One look does not find everything when very many changes are due.
        } while (tally.total() > before && sender.hasTimeForATry(deadline));
        long pending = states.pending().count();
        log.pendingNow(pending);
        return new FlushOutcome(tally.flushed(), pending);
    }

    private boolean isSwitchedOn() {
        return config.enabled() && config.pending().enabled();
    }

    /** Returns the changes that are due. The look leaves half of the time for sending them. */
    private List<PendingAlert> due(Deadline deadline) {
        Instant now = clock.instant();
        Map<String, Own> due = new HashMap<>(own);
        due.values().removeIf(change -> change.nextTry.isAfter(now));
        Deadline lookBy = deadline.lessThan(deadline.left().dividedBy(2));
        // Somebody sent or replaced it. A change that was stored since the look stays.
        return states.pending().due(due.keySet(), lookBy, key -> own.remove(key, due.get(key)));
    }

    private void sendDue() {
        try {
            byRoom(due(Deadline.in(config.deadline(), clock)), new Tally()).forEach(this::sendInBackground);
            log.pendingNow(states.pending().count());
        } catch (StoreUnavailable outage) {
            // MeteredStore logs the outage.
            wakes.at(clock.instant().plus(STORE_RETRY));
        } catch (RuntimeException bug) {
            LOG.error("A look at the pending changes failed because of a bug", bug);
            wakes.at(clock.instant().plus(STORE_RETRY));
        }
    }

    private void sendInBackground(Destination to, List<PendingAlert> due) {
        Optional<RoomThrottle.Unavailable> unavailable = throttle.unavailable(to.room(), to.token());
        if (unavailable.isPresent()) {
            wakes.at(unavailable.get().nextTry());
            return;
        }
        CompletableFuture<Void> end = new CompletableFuture<>();
        if (underWay.putIfAbsent(to, end) != null) {
            return;
        }
        throttle.beginNextTry(to.room(), to.token(), config.deadline());
        try {
            executor.execute(() -> {
                try {
                    Deadline deadline = Deadline.in(config.deadline(), clock);
                    wakes.at(sender.send(to, due, deadline, () -> !isStopping, counting(new Tally()))
                            .nextLook());
                } catch (RuntimeException | Error bug) {
                    LOG.errorf(
                            bug,
                            "Pending changes of room %s were not sent because of a bug",
                            LogText.quoted(to.room()));
                    wakes.at(clock.instant().plus(STORE_RETRY));
                } finally {
                    ended(to, end);
                }
            });
        } catch (RejectedExecutionException goingDown) {
            ended(to, end);
        }
    }

    private void ended(Destination to, CompletableFuture<Void> end) {
        throttle.endNextTry(to.room(), to.token());
        underWay.remove(to, end);
        end.complete(null);
    }

    /**
     * Groups the changes by room and token. Drops changes that are too old, and skips changes for which this process
     * has no token.
     */
    private Map<Destination, List<PendingAlert>> byRoom(List<PendingAlert> due, Tally tally) {
        Instant oldest = clock.instant().minus(config.pending().maxAge());
        Map<Destination, List<PendingAlert>> rooms = new LinkedHashMap<>();
        for (PendingAlert alert : due) {
            if (!alert.pending().since().isBefore(oldest)) {
                token(alert.alert()).ifPresent(token -> rooms.computeIfAbsent(
                                new Destination(alert.alert().room(), token), first -> new ArrayList<>())
                        .add(alert));
            } else if (states.pending().giveUp(alert)) {
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

    private Outcomes counting(Tally tally) {
        return (alert, result, last) -> ended(alert, result, last, tally);
    }

    private void ended(PendingAlert alert, Result result, LastStep last, Tally tally) {
        own.remove(alert.key());
        tally.count(result);
        log.ended(alert.pending(), result, last);
    }

    /** A change that this process stored. It is equal to itself alone: its key may be stored again meanwhile. */
    private static final class Own {

        private final Instant nextTry;

        Own(Instant nextTry) {
            this.nextTry = nextTry;
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
