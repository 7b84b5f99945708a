package io.hipchatalerts.state;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Pause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Takes and gives back the right to tell a room about an alert: {@link StateProtocol} over a {@link StateStore}. */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class StateChanges {

    /**
     * How long a hold outlives its event's deadline. Within it lie the differences between the instances' clocks and
     * a process that stood still between its last look at the clock and its request.
     */
    public static final Duration MARGIN = Duration.ofSeconds(8);

    private static final Logger LOG = Logger.getLogger(StateChanges.class);
    private static final Duration FIRST_LOOK = Duration.ofMillis(25);
    private static final Duration LONGEST_LOOK = Duration.ofMillis(400);
    private static final Duration STORE_BACK = Duration.ofSeconds(5);

    /** The time that settling may take, and so is not left for telling; short deadlines spare a part of themselves. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    private static final int PART_FOR_SETTLING = 5;

    private static final int MOST_REMEMBERED = 100_000;
    private static final int MOST_CAUGHT_UP = 100;

    private final HipChatConfig.StateConfig config;
    private final Duration settling;
    private final StateStore store;
    private final InstantSource clock;
    private final Pause pause;
    private final RandomGenerator versions;
    private final MeterRegistry metrics;
    private final AtomicBoolean outage = new AtomicBoolean();

    /** What was told while the store was out of reach: by key, the newest event time. */
    private final Map<String, Instant> toldWithoutStore = new ConcurrentHashMap<>();

    StateChanges(
            HipChatConfig config,
            StateStore store,
            InstantSource clock,
            Pause pause,
            RandomGenerator versions,
            MeterRegistry metrics) {
        this.config = config.state();
        this.settling = shorter(SETTLING, config.deadline().dividedBy(PART_FOR_SETTLING));
        this.store = store;
        this.clock = clock;
        this.pause = pause;
        this.versions = versions;
        this.metrics = metrics;
        // There from the start, so that a dashboard can tell "none yet" from "not counted".
        timer("load");
        timer("swap");
        outages();
        lostHolds();
        Gauge.builder("hipchat.state.reachable", outage, it -> it.get() ? 0 : 1)
                .description("Whether this process' last call to the state store reached it: 1, or 0 in an outage")
                .tag("store", store.name())
                // Else the gauge is gone once its bean is, and stays gone in a registry that lives longer (dev mode,
                // tests).
                .strongReference(true)
                .register(metrics);
    }

    /**
     * Asks whether {@code event} is news to the delivery's room and, if so, holds the alert for telling it. Waits for a
     * delivery under way elsewhere, within the deadline.
     *
     * @param earlier what this delivery was granted before, if it gave that back to wait for HipChat: an event of the
     *     same time that came meanwhile is the later arrival
     */
    public Claim claim(AlertEvent event, Delivery delivery, Optional<Claim.Granted> earlier, Deadline deadline) {
        if (!delivery.stateChangesOnly().on()) {
            return new Claim.Granted(Optional.empty(), false, deadline);
        }
        String key = AlertKey.of(event, delivery).under(config.keyPrefix());
        int arrival = earlier.flatMap(Claim.Granted::held)
                .map(held -> held.entry().record().arrival())
                .orElse(0);
        Change change = Change.of(event, arrival, delivery.stateChangesOnly().interval());
        try {
            catchUp(key);
            return claim(key, change, deadline);
        } catch (StoreUnavailable unavailable) {
            outageBegins(unavailable);
            return withoutStore(key, change, deadline);
        }
    }

    private Claim claim(String key, Change change, Deadline deadline) {
        Duration look = FIRST_LOOK;
        while (true) {
            Optional<Entry> current = called("load", () -> store.load(key));
            Decision decision = StateProtocol.decide(
                    current.map(Entry::record),
                    change,
                    clock.instant(),
                    deadline.end().plus(MARGIN));
            if (decision instanceof Decision.Send send) {
                Entry claimed = new Entry(send.claimed(), versions.nextLong());
                if (swap(key, current, claimed)) {
                    return new Claim.Granted(
                            Optional.of(new Claim.Held(key, claimed)), false, deadline.lessThan(settling));
                }
            } else if (decision instanceof Decision.Suppress suppress) {
                boolean nothingMoves = current.map(Entry::record)
                        .filter(suppress.next()::equals)
                        .isPresent();
                if (nothingMoves || swap(key, current, new Entry(suppress.next(), versions.nextLong()))) {
                    return new Claim.Suppressed(suppress.reason(), false);
                }
            } else if (decision instanceof Decision.Wait wait) {
                if (!waited(look, deadline)) {
                    Duration untilItEnds = Duration.between(clock.instant(), wait.end());
                    return new Claim.Refused("Another delivery of this alert is under way", false, untilItEnds);
                }
                look = shorter(look.multipliedBy(2), LONGEST_LOOK);
                continue;
            }
            // Somebody else wrote in between: what it wrote decides now.
            if (deadline.passed()) {
                return new Claim.Refused("Other events of this alert left no time", false, FIRST_LOOK);
            }
        }
    }

    /**
     * Writes down how a delivery ended and ends its hold.
     *
     * @return whether the store has it now; if not, the told level stays unknown and the next event of any level is told
     */
    public boolean settle(Claim.Granted claim, Level level, Ending ending) {
        if (claim.held().isEmpty()) {
            return !claim.degraded();
        }
        Claim.Held held = claim.held().get();
        Entry settled = new Entry(StateProtocol.settle(held.entry().record(), level, ending), versions.nextLong());
        try {
            if (!swap(held.key(), Optional.of(held.entry()), settled)) {
                lostHolds().increment();
                LOG.errorf(
                        "The hold on %s was lost before its delivery ended; the room may show an old level until the"
                                + " next event",
                        held.key());
                distrust(held.key(), held.entry().record().newest());
                return false;
            }
            return true;
        } catch (StoreUnavailable unavailable) {
            outageBegins(unavailable);
            return false;
        }
    }

    /**
     * Writes down that the told level is unknown: somebody without a hold may have told the room.
     *
     * @param toldAt the event time of what may have been told
     * @return whether that is so now; not while a delivery is under way, or when somebody else wrote in between
     */
    private boolean distrust(String key, Instant toldAt) {
        Optional<Entry> current = called("load", () -> store.load(key));
        Optional<AlertRecord> known = current.map(Entry::record);
        if (known.filter(record -> record.isHeldAt(clock.instant())).isPresent()) {
            return false;
        }
        AlertRecord distrusted = StateProtocol.distrusted(known, toldAt);
        return known.filter(distrusted::equals).isPresent()
                || swap(key, current, new Entry(distrusted, versions.nextLong()));
    }

    /**
     * Makes good for an outage: what was told in it is in no record, and a record that says otherwise would hold back
     * the next change. This event's own alert comes first; the others are spread over the events that follow.
     */
    private void catchUp(String key) {
        if (toldWithoutStore.isEmpty()) {
            return;
        }
        Stream.concat(Stream.of(key), toldWithoutStore.keySet().stream().limit(MOST_CAUGHT_UP))
                .forEach(each -> {
                    Instant toldAt = toldWithoutStore.get(each);
                    if (toldAt != null && distrust(each, toldAt)) {
                        toldWithoutStore.remove(each, toldAt);
                    }
                });
    }

    private Claim withoutStore(String key, Change change, Deadline deadline) {
        Claim claim = withoutStore(change, deadline);
        if (claim instanceof Claim.Granted) {
            if (toldWithoutStore.size() < MOST_REMEMBERED) {
                toldWithoutStore.merge(key, change.time(), (one, other) -> one.isAfter(other) ? one : other);
            } else {
                LOG.warnf("%s is told without the store, and too many others are for it to be remembered", key);
            }
        }
        return claim;
    }

    private Claim withoutStore(Change change, Deadline deadline) {
        return switch (config.onOutage()) {
            case SEND -> new Claim.Granted(Optional.empty(), true, deadline);
            case FAIL -> new Claim.Refused("The state store is out of reach", true, STORE_BACK);
            case PREVIOUS_LEVEL ->
                change.saysItChanged()
                        ? new Claim.Granted(Optional.empty(), true, deadline)
                        : new Claim.Suppressed(Reason.UNCHANGED, true);
        };
    }

    private boolean swap(String key, Optional<Entry> expected, Entry next) {
        // A record must not be forgotten while somebody holds it, however short the memory is set.
        Duration held = next.record()
                .hold()
                .map(hold -> Duration.between(clock.instant(), hold.end()))
                .orElse(Duration.ZERO);
        Duration ttl = held.compareTo(config.ttl()) > 0 ? held : config.ttl();
        return called("swap", () -> store.swap(key, expected, next, ttl));
    }

    /** False when there is no time left to wait, or the process is going down. */
    private boolean waited(Duration look, Deadline deadline) {
        Duration left = deadline.left();
        return !left.isZero() && pause.isOver(shorter(look, left));
    }

    private <T> T called(String operation, Supplier<T> call) {
        T result = timer(operation).record(call);
        if (outage.compareAndSet(true, false)) {
            LOG.infof("The %s state store is back", store.name());
        }
        return result;
    }

    /** Told once an outage and not once an event: an outage brings events enough. */
    private void outageBegins(StoreUnavailable unavailable) {
        if (outage.compareAndSet(false, true)) {
            outages().increment();
            LOG.warnf(
                    "The %s state store is out of reach (%s); until it is back, hipchat.state.on-outage=%s decides",
                    store.name(), unavailable.getCause(), config.onOutage().text());
        }
    }

    private Timer timer(String operation) {
        return Timer.builder("hipchat.state")
                .description("Calls to the state store")
                .tag("op", operation)
                .tag("store", store.name())
                .register(metrics);
    }

    private Counter outages() {
        return metrics.counter("hipchat.state.outages");
    }

    private Counter lostHolds() {
        return metrics.counter("hipchat.state.holds.lost");
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
