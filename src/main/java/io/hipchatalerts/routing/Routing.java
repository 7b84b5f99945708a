package io.hipchatalerts.routing;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.alert.Room;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.alert.Unicode;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.match.MatchFailed;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Merges the options of the event, the request, the topic's handler files and the configuration into deliveries. */
@ApplicationScoped
public class Routing {

    private final HipChatConfig config;
    private final TopicHandlers handlers;

    Routing(HipChatConfig config, TopicHandlers handlers) {
        this.config = config;
        this.handlers = handlers;
    }

    /**
     * Returns the destination of {@code event}. Options in the body override those in query and header, those override the
     * topic's handler files, and those override the configuration.
     *
     * @throws BadAlert if the event is for HipChat but room, token or id are missing, or an option is invalid
     */
    public Route route(AlertEvent event, Origin origin) {
        if (!config.enabled()) {
            return new Route.Nowhere(Reason.DISABLED);
        }
        if (event.isEmpty()) {
            return new Route.Nowhere(Reason.EMPTY_EVENT);
        }
        Optional<String> topic = event.topic().or(origin::topic);
        if (!topic.map(Unicode::isWhole).orElse(true)) {
            throw new BadAlert("topic contains half a Unicode surrogate pair");
        }
        List<TopicHandler> handlers = topic.map(this.handlers::of).orElse(List.of());
        boolean namesHipChat = origin.pointToPoint() || event.options().isPresent() || !handlers.isEmpty();
        if (!namesHipChat && !config.global()) {
            return new Route.Nowhere(Reason.NOT_ADDRESSED);
        }
        RequestOptions options = event.options()
                .orElse(RequestOptions.NONE)
                .over(origin.options().get());
        return handlers.isEmpty() || options.room().isPresent()
                ? new Route.To(List.of(delivery(event, topic, Optional.empty(), options, options)), List.of())
                : toHandlers(event, topic, handlers, options);
    }

    private Route toHandlers(
            AlertEvent event, Optional<String> topic, List<TopicHandler> handlers, RequestOptions request) {
        List<Delivery> deliveries = new ArrayList<>();
        List<DeliveryOutcome> declined = new ArrayList<>();
        for (TopicHandler handler : handlers) {
            RequestOptions options =
                    request.over(new RequestOptions(handler.room(), handler.token(), Optional.empty()));
            try {
                if (handler.match().isEmpty() || handler.match().get().accepts(event)) {
                    deliveries.add(delivery(event, topic, Optional.of(handler.id()), request, options));
                } else {
                    declined.add(declined(handler, options, ""));
                }
            } catch (MatchFailed failed) {
                declined.add(declined(handler, options, failed.getMessage()));
            }
        }
        return new Route.To(deliveries, declined);
    }

    private DeliveryOutcome declined(TopicHandler handler, RequestOptions options, String failure) {
        return DeliveryOutcome.declined(
                handler.id(), options.room().or(config::room).orElse(null), failure);
    }

    private Delivery delivery(
            AlertEvent event,
            Optional<String> topic,
            Optional<String> handler,
            RequestOptions request,
            RequestOptions options) {
        Delivery delivery = new Delivery(
                topic, handler, room(options), token(options), request.token().isEmpty(), stateChangesOnly(options));
        if (delivery.stateChangesOnly().on() && event.id().isEmpty()) {
            throw new BadAlert("id is empty, but state changes only needs it to distinguish alerts;"
                    + " give each alert an id or set stateChangesOnly to false");
        }
        return delivery;
    }

    private String room(RequestOptions options) {
        String room = options.room()
                .or(config::room)
                .orElseThrow(() -> new BadAlert("No room: set hipchat.room, or name one in the body's options.room,"
                        + " the query parameter room or the topic's handler file"));
        refuseIfAny(Room.problem("The room", room));
        return room;
    }

    private Token token(RequestOptions options) {
        Token token = options.token()
                .or(config::token)
                .orElseThrow(() -> new BadAlert("No token: set hipchat.token, or give one in the body's options.token,"
                        + " the header X-HipChat-Token or the topic's handler file"));
        refuseIfAny(token.problem("The token"));
        return token;
    }

    private static void refuseIfAny(Optional<String> problem) {
        problem.ifPresent(text -> {
            throw new BadAlert(text);
        });
    }

    private StateChangesOnly stateChangesOnly(RequestOptions options) {
        boolean configured = config.global() && config.stateChangesOnly();
        return config.withInterval(
                options.stateChangesOnly().orElse(configured ? StateChangesOnly.ON : StateChangesOnly.OFF));
    }
}
