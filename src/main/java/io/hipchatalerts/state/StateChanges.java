package io.hipchatalerts.state;

import static io.hipchatalerts.time.Durations.shorter;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Delivery;
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

    /** The part of the time left that an event may spend on what others left behind. */
    private static final int PART_FOR_OTHERS = 5;

    private final HipChatConfig.StateConfig config;
    private final Duration settling;
    private final StateStore store;
    private final InstantSource clock;
    private final Pause pause;
    private final RandomGenerator versions;
    private final Counter lostHolds;
    private final Unwritten unwritten;

    StateChanges(
            HipChatConfig config,
            StateStore store,
            InstantSource clock,
            Pause pause,
            RandomGenerator versions,
            MeterRegistry metrics) {
        this.config = config.state();
        this.settling = shorter(SETTLING, config.deadline().dividedBy(PART_FOR_SETTLING));
        this.store = new WatchedStore(store, this.config.onOutage().text(), metrics);
        this.clock = clock;
        this.pause = pause;
        this.versions = versions;
        this.lostHolds = metrics.counter("hipchat.state.holds.lost");
        this.unwritten = new Unwritten(this.store, this.config.ttl(), clock, versions);
    }

    /**
     * Asks whether {@code event} is news to the delivery's room and, if so, holds the alert for telling it. Waits for a
     * delivery under way elsewhere, within the deadline.
     *
     * @param earlier what this delivery held before, if it gave that back to wait for HipChat: an event of the same time
     *     that came meanwhile is the later arrival
     */
    public Claim claim(AlertEvent event, Delivery delivery, Optional<Claim.Held> earlier, Deadline deadline) {
        if (!delivery.stateChangesOnly().on()) {
            return new Claim.Granted(new Claim.NoState(), deadline);
        }
        String key = AlertKey.of(event, delivery).under(config.keyPrefix());
        int arrival = earlier.map(held -> held.entry().record().arrival()).orElse(0);
        Change change = Change.of(event, arrival, delivery.stateChangesOnly().interval());
        try {
            Claim claim = claim(key, change, deadline);
            if (!(claim instanceof Claim.Granted)) {
                makeGoodForOthers(deadline);
            }
            return claim;
        } catch (StoreUnavailable unavailable) {
            if (unavailable.isOfOneAlert()) {
                LOG.warnf(
                        "%s; hipchat.state.on-outage=%s decides",
                        unavailable.getCause().getMessage(), config.onOutage().text());
            }
            return withoutStore(key, change, deadline);
        }
    }

    private Claim claim(String key, Change change, Deadline deadline) {
        Duration look = FIRST_LOOK;
        while (true) {
            unwritten.write(key);
            Optional<Entry> current = store.load(key);
            Decision decision = StateProtocol.decide(
                    current.map(Entry::record),
                    change,
                    clock.instant(),
                    deadline.end().plus(MARGIN));
            if (decision instanceof Decision.Send send) {
                Entry claimed = new Entry(send.claimed(), versions.nextLong());
                if (isClaimed(key, current, claimed, change.level())) {
                    return new Claim.Granted(new Claim.Held(key, claimed), deadline.lessThan(settling));
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

    private boolean isClaimed(String key, Optional<Entry> current, Entry claimed, Level level) {
        try {
            return swap(key, current, claimed);
        } catch (StoreUnavailable unavailable) {
            // It may stand there for all that, and would keep others waiting for a delivery that nobody makes.
            unwritten.mayStand(key, claimed, settled(claimed, level, Ending.NOT_ACCEPTED), false);
            throw unavailable;
        }
    }

    /**
     * Writes down how a delivery ended and ends its hold.
     *
     * @return whether the store has it now; if not, the told level is unknown until this process can make good for it
     */
    public boolean settle(Claim.Granted claim, Level level, Ending ending) {
        if (claim.hold() instanceof Claim.Held held) {
            boolean settled = settle(held.key(), held.entry(), level, ending);
            if (settled) {
                makeGoodForOthers(claim.tellBy());
            }
            return settled;
        }
        if (claim.hold() instanceof Claim.WithoutStore told) {
            if (ending != Ending.NOT_ACCEPTED) {
                // Again: what was owed since the grant may be written by now, and this message came after that.
                unwritten.toldWithoutHold(told.key(), told.time());
            }
            return false;
        }
        return true;
    }

    private boolean settle(String key, Entry claimed, Level level, Ending ending) {
        Entry settled = settled(claimed, level, ending);
        boolean told = ending != Ending.NOT_ACCEPTED;
        try {
            if (swap(key, Optional.of(claimed), settled)) {
                return true;
            }
        } catch (StoreUnavailable unavailable) {
            // While the hold stands, or stood until this was written, whoever comes next tells the room after us.
            boolean late = told && !claimed.record().isHeldAt(clock.instant());
            unwritten.mayStand(key, claimed, settled, late);
            return false;
        }
        lostHolds.increment();
        LOG.errorf(
                "The hold on %s was lost before its delivery ended; the room may show an old level until the next"
                        + " event",
                key);
        if (told) {
            distrust(key, claimed.record().newest());
        }
        return false;
    }

    /** Once this event has what it needs from the store, and if time is left. */
    private void makeGoodForOthers(Deadline deadline) {
        unwritten.writeOthers(deadline.left().dividedBy(PART_FOR_OTHERS));
    }

    private Entry settled(Entry claimed, Level level, Ending ending) {
        return new Entry(StateProtocol.settle(claimed.record(), level, ending), versions.nextLong());
    }

    /** After a hold was lost. Who has it now, if somebody has, tells the room after us. */
    private void distrust(String key, Instant toldAt) {
        try {
            Optional<AlertRecord> standing = store.load(key).map(Entry::record);
            if (standing.filter(record -> record.isHeldAt(clock.instant())).isEmpty()) {
                unwritten.toldWithoutHold(key, toldAt);
                unwritten.write(key);
            }
        } catch (StoreUnavailable unavailable) {
            unwritten.toldWithoutHold(key, toldAt);
        }
    }

    private Claim withoutStore(String key, Change change, Deadline deadline) {
        return switch (config.onOutage()) {
            case SEND -> grantedWithoutStore(key, change, deadline);
            case FAIL -> new Claim.Refused("The state store is out of reach", true, STORE_BACK);
            case PREVIOUS_LEVEL ->
                change.saysItChanged()
                        ? grantedWithoutStore(key, change, deadline)
                        : new Claim.Suppressed(Reason.UNCHANGED, true);
        };
    }

    private Claim grantedWithoutStore(String key, Change change, Deadline deadline) {
        // Now and not only when it is told: should the store be back before, it must not hold back the next change.
        unwritten.toldWithoutHold(key, change.time());
        return new Claim.Granted(new Claim.WithoutStore(key, change.time()), deadline);
    }

    private boolean swap(String key, Optional<Entry> expected, Entry next) {
        // A record must not be forgotten while somebody holds it, however short the memory is set.
        Duration held = next.record()
                .hold()
                .map(hold -> Duration.between(clock.instant(), hold.end()))
                .orElse(Duration.ZERO);
        Duration ttl = held.compareTo(config.ttl()) > 0 ? held : config.ttl();
        return store.swap(key, expected, next, ttl);
    }

    /** False when there is no time left to wait, or the process is going down. */
    private boolean waited(Duration look, Deadline deadline) {
        Duration left = deadline.left();
        return !left.isZero() && pause.isOver(shorter(look, left));
    }
}
