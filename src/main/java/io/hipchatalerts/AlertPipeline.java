package io.hipchatalerts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.AlertReader;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.delivery.Concurrently;
import io.hipchatalerts.delivery.Deliverer;
import io.hipchatalerts.delivery.PendingDeliveries;
import io.hipchatalerts.outcome.Answer;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.Outcome;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.routing.Origin;
import io.hipchatalerts.routing.Route;
import io.hipchatalerts.routing.Routing;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.time.Deadline;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The path of one alert: read, route, deliver to each room. Triggers call it and turn the outcome into their answer. */
@ApplicationScoped
public class AlertPipeline {

    private static final JsonNode FLUSH = JsonNodeFactory.instance.objectNode().put("flush", true);

    private final HipChatConfig config;
    private final InstantSource clock;
    private final Routing routing;
    private final Deliverer deliverer;
    private final PendingDeliveries pendingDeliveries;
    private final EventLog eventLog;
    private final Executor executor;

    AlertPipeline(
            HipChatConfig config,
            InstantSource clock,
            Routing routing,
            Deliverer deliverer,
            PendingDeliveries pendingDeliveries,
            EventLog eventLog,
            Executor executor) {
        this.config = config;
        this.clock = clock;
        this.routing = routing;
        this.deliverer = deliverer;
        this.pendingDeliveries = pendingDeliveries;
        this.eventLog = eventLog;
        this.executor = executor;
    }

    /**
     * Handles one alert event, or flushes the pending changes for {@code {"flush": true}}, within
     * {@code hipchat.deadline} of its arrival. Every event gets a log line and is counted, also one that ends with a
     * bug.
     *
     * @param body Kapacitor's alert JSON
     * @param origin how and when the event arrived
     * @return the outcome; failures are outcomes too
     * @throws BadAlert when {@code body} is no alert, or room, token or id is missing
     */
    public Answer handle(JsonNode body, Origin origin) {
        return isFlush(body) ? flush(origin) : handleAlert(body, origin);
    }

    /** Returns whether {@code body} is exactly {@code {"flush": true}}. */
    public static boolean isFlush(JsonNode body) {
        return FLUSH.equals(body);
    }

    private Answer flush(Origin origin) {
        if (!config.enabled()) {
            return eventLog.notFlushed(Outcome.skipped(Reason.DISABLED));
        }
        try {
            return pendingDeliveries.flush(deadline(origin));
        } catch (StoreUnavailable outage) {
            return eventLog.notFlushed(Outcome.of(List.of(DeliveryOutcome.failed(
                    null, null, 0, true, "The state store is unavailable", Problem.RETRY_AFTER))));
        }
    }

    private Deadline deadline(Origin origin) {
        return new Deadline(origin.arrived().plus(config.deadline()), clock);
    }

    private Outcome handleAlert(JsonNode body, Origin origin) {
        EventLogEntry entry = eventLog.open();
        try {
            AlertEvent event = AlertReader.read(body, origin.arrived());
            entry.is(event, origin);
            Route route = routing.route(event, origin);
            return entry.endsWith(
                    route instanceof Route.To rooms
                            ? deliver(event, rooms, deadline(origin))
                            : Outcome.skipped(((Route.Nowhere) route).reason()));
        } catch (BadAlert bad) {
            throw entry.endsWith(bad);
        } catch (RuntimeException | Error bug) {
            entry.endsByBug(bug);
            throw bug;
        }
    }

    private Outcome deliver(AlertEvent event, Route.To rooms, Deadline deadline) {
        List<Supplier<DeliveryOutcome>> deliveries = rooms.deliveries().stream()
                .<Supplier<DeliveryOutcome>>map(delivery -> () -> deliverer.deliver(event, delivery, deadline))
                .toList();
        return Outcome.of(Stream.concat(Concurrently.all(deliveries, executor).stream(), rooms.declined().stream())
                .toList());
    }
}
