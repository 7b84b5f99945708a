package io.hipchatalerts;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.AlertReader;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.hipchat.HipChat;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.hipchat.Telling;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.Outcome;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.routing.Origin;
import io.hipchatalerts.routing.Route;
import io.hipchatalerts.routing.Routing;
import io.hipchatalerts.state.Claim;
import io.hipchatalerts.state.StateChanges;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Pause;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.microprofile.context.ManagedExecutor;

/** One alert's way: read, route, claim, notify, settle. Triggers call it and turn what comes of it into their answer. */
@ApplicationScoped
public class AlertPipeline {

    private final HipChatConfig config;
    private final InstantSource clock;
    private final Routing routing;
    private final StateChanges stateChanges;
    private final HipChat hipChat;
    private final EventLog eventLog;
    private final Pause pause;
    private final ManagedExecutor helpers;

    AlertPipeline(
            HipChatConfig config,
            InstantSource clock,
            Routing routing,
            StateChanges stateChanges,
            HipChat hipChat,
            EventLog eventLog,
            Pause pause,
            ManagedExecutor helpers) {
        this.config = config;
        this.clock = clock;
        this.routing = routing;
        this.stateChanges = stateChanges;
        this.hipChat = hipChat;
        this.eventLog = eventLog;
        this.pause = pause;
        this.helpers = helpers;
    }

    /**
     * Takes one alert event through to its end; it ends {@code hipchat.deadline} after its
     * arrival at the latest.
     *
     * @param body Kapacitor's alert JSON
     * @param origin how it got here
     * @return what became of it; failures too
     * @throws BadAlert when it is no alert, or room, token or id are missing
     */
    public Outcome handle(JsonNode body, Origin origin) {
        EventLogEntry page = eventLog.open();
        Deadline deadline = new Deadline(origin.arrived().plus(config.deadline()), clock);
        try {
            AlertEvent event = AlertReader.read(body, origin.arrived());
            page.is(event, origin);
            return page.endsWith(outcome(event, routing.route(event, origin), deadline));
        } catch (BadAlert bad) {
            throw page.endsWith(bad);
        }
    }

    private Outcome outcome(AlertEvent event, Route route, Deadline deadline) {
        if (route instanceof Route.To to) {
            List<Supplier<DeliveryOutcome>> due = to.deliveries().stream()
                    .<Supplier<DeliveryOutcome>>map(delivery -> () -> deliver(event, delivery, deadline))
                    .toList();
            Stream<DeliveryOutcome> declined = to.declined().stream()
                    .map(it -> DeliveryOutcome.declined(it.handler(), it.room().orElse(null), it.failure()));
            return Outcome.of(Stream.concat(Concurrently.all(due, helpers).stream(), declined)
                    .toList());
        }
        return Outcome.skipped(((Route.Nowhere) route).reason());
    }

    private DeliveryOutcome deliver(AlertEvent event, Delivery delivery, Deadline deadline) {
        String handler = delivery.handler().orElse(null);
        String room = delivery.room();

        int attempts = 0;
        Optional<Claim.Held> earlier = Optional.empty();
        while (true) {
            Claim claim = stateChanges.claim(event, delivery, earlier, deadline);
            if (claim instanceof Claim.Suppressed suppressed) {
                return DeliveryOutcome.suppressed(handler, room, suppressed.reason(), attempts, suppressed.degraded());
            }
            if (claim instanceof Claim.Refused refused) {
                return DeliveryOutcome.failed(
                        handler, room, attempts, refused.degraded(), refused.detail(), refused.retryAfter());
            }
            Claim.Granted granted = (Claim.Granted) claim;
            Telling telling =
                    hipChat.tell(room, delivery.token(), Notification.of(event, config), attempts, granted.tellBy());
            attempts = telling.attempts();
            boolean settled = stateChanges.settle(granted, event.level(), telling.ending());
            // It waits for HipChat without the alert: a newer event, or a later one of the same time, may go ahead in
            // between, and this one is stale then.
            if (!telling.inTime() || !pause.isOver(telling.retryAfter())) {
                return DeliveryOutcome.tried(
                        handler, room, telling.status(), attempts, !settled, telling.detail(), telling.retryAfter());
            }
            // One that was granted without the store has no place among the events of its time; an older one still has.
            earlier = granted.hold() instanceof Claim.Held held ? Optional.of(held) : earlier;
        }
    }
}
