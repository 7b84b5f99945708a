package io.hipchatalerts.state;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Pause;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** Takes and gives back the right to tell a room about an alert: {@link StateProtocol} over a {@link StateStore}. */
@ApplicationScoped
public class StateChanges {

    /**
     * How long a hold outlives its event's deadline. Within it lie the differences between the instances' clocks and
     * a process that stood still between its last look at the clock and its request.
     */
    static final Duration MARGIN = Duration.ofSeconds(8);

    private static final Logger LOG = Logger.getLogger(StateChanges.class);
    private static final Duration FIRST_LOOK = Duration.ofMillis(25);
    private static final Duration LONGEST_LOOK = Duration.ofMillis(400);
    private static final Duration STORE_BACK = Duration.ofSeconds(5);

    private final HipChatConfig.StateConfig config;
    private final StateStore store;
    private final InstantSource clock;
    private final Pause pause;
    private final RandomGenerator versions;
    private final MeterRegistry metrics;

    StateChanges(
            HipChatConfig config,
            StateStore store,
            InstantSource clock,
            Pause pause,
            RandomGenerator versions,
            MeterRegistry metrics) {
        this.config = config.state();
        this.store = store;
        this.clock = clock;
        this.pause = pause;
        this.versions = versions;
        this.metrics = metrics;
    }

    /**
     * Asks whether {@code event} is news to the delivery's room and, if so, holds the alert for telling it. Waits for a
     * delivery under way elsewhere, within the deadline.
     */
    public Claim claim(AlertEvent event, Delivery delivery, Deadline deadline) {
        if (!delivery.stateChangesOnly().on()) {
            return new Claim.Granted(Optional.empty(), false);
        }
        Change change = Change.of(event, delivery.stateChangesOnly().interval());
        try {
            return claim(AlertKey.of(event, delivery).under(config.keyPrefix()), change, deadline);
        } catch (StoreUnavailable outage) {
            LOG.warnf("The %s state store is out of reach: %s", store.name(), outage.getCause());
            return withoutStore(change);
        }
    }

    private Claim claim(String key, Change change, Deadline deadline) {
        Duration look = FIRST_LOOK;
        while (true) {
            Optional<Entry> current = timed("load", () -> store.load(key));
            Decision decision = StateProtocol.decide(
                    current.map(Entry::record),
                    change,
                    clock.instant(),
                    deadline.end().plus(MARGIN));
            if (decision instanceof Decision.Send send) {
                Entry claimed = new Entry(send.claimed(), versions.nextLong());
                if (swap(key, current, claimed)) {
                    return new Claim.Granted(Optional.of(new Claim.Held(key, claimed)), false);
                }
            } else if (decision instanceof Decision.Suppress suppress) {
                boolean nothingMoves = current.map(Entry::record)
                        .filter(suppress.next()::equals)
                        .isPresent();
                if (nothingMoves || swap(key, current, new Entry(suppress.next(), versions.nextLong()))) {
                    return new Claim.Suppressed(suppress.reason(), false);
                }
            } else if (decision instanceof Decision.Wait wait && !waited(look, deadline)) {
                return new Claim.Refused(
                        "Another delivery of this alert is under way",
                        false,
                        Duration.between(clock.instant(), wait.end()));
            }
            if (deadline.passed()) {
                return new Claim.Refused("Other deliveries of this alert left no time", false, FIRST_LOOK);
            }
            look = look.multipliedBy(2).compareTo(LONGEST_LOOK) < 0 ? look.multipliedBy(2) : LONGEST_LOOK;
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
                LOG.errorf(
                        "The hold on %s was lost before its delivery ended; the room may show an old level",
                        held.key());
                return false;
            }
            return true;
        } catch (StoreUnavailable outage) {
            LOG.warnf("The %s state store is out of reach: %s", store.name(), outage.getCause());
            return false;
        }
    }

    private Claim withoutStore(Change change) {
        return switch (config.onOutage()) {
            case SEND -> new Claim.Granted(Optional.empty(), true);
            case FAIL -> new Claim.Refused("The state store is out of reach", true, STORE_BACK);
            case PREVIOUS_LEVEL ->
                change.saysItChanged()
                        ? new Claim.Granted(Optional.empty(), true)
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
        return timed("swap", () -> store.swap(key, expected, next, ttl));
    }

    /** False when there is no time left to wait, or the process is going down. */
    private boolean waited(Duration look, Deadline deadline) {
        Duration left = deadline.left();
        if (left.isZero()) {
            return false;
        }
        try {
            pause.pause(look.compareTo(left) < 0 ? look : left);
            return true;
        } catch (InterruptedException goingDown) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private <T> T timed(String operation, Supplier<T> call) {
        return Timer.builder("hipchat.state")
                .description("Calls to the state store")
                .tag("op", operation)
                .tag("store", store.name())
                .register(metrics)
                .record(call);
    }
}
