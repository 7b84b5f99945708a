package io.hipchatalerts.routing;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Merges what the event, the request and the configuration say into deliveries. */
@ApplicationScoped
public class Routing {

    private final HipChatConfig config;

    Routing(HipChatConfig config) {
        this.config = config;
    }

    /**
     * Where {@code event} goes. The body's options beat the query and header, which beat the configuration.
     *
     * @throws BadAlert when it is to be told but room, token or id are missing or cannot be used
     */
    public Route route(AlertEvent event, Origin origin) {
        if (!config.enabled()) {
            return new Route.Nowhere(Reason.DISABLED);
        }
        if (event.isEmpty()) {
            return new Route.Nowhere(Reason.EMPTY_EVENT);
        }
        boolean namesHipChat = origin.pointToPoint() || event.options().isPresent();
        if (!namesHipChat && !config.global()) {
            return new Route.Nowhere(Reason.NOT_ADDRESSED);
        }
        RequestOptions options = event.options().orElse(RequestOptions.NONE).over(origin.options());
        Delivery delivery = new Delivery(
                event.topic().or(origin::topic),
                Optional.empty(),
                room(options),
                token(options),
                stateChangesOnly(options));
        if (delivery.stateChangesOnly().on() && event.id().isEmpty()) {
            throw new BadAlert("id is empty, but state changes only tells alerts apart by it;"
                    + " give each alert an id or set stateChangesOnly to false");
        }
        return new Route.To(List.of(delivery));
    }

    private String room(RequestOptions options) {
        String room = options.room()
                .or(config::room)
                .orElseThrow(() -> new BadAlert("No room: set hipchat.room, or name one in the body's options.room"
                        + " or the query parameter room"));
        // A dot segment would climb out of its place in the address, encoded or not; HipChat has no such room.
        if (room.equals(".") || room.equals("..") || room.chars().anyMatch(Character::isISOControl)) {
            throw new BadAlert("The room " + BadAlert.quote(room) + " cannot be the name or number of a HipChat room");
        }
        return room;
    }

    private Token token(RequestOptions options) {
        Token token = options.token()
                .or(config::token)
                .orElseThrow(() -> new BadAlert("No token: set hipchat.token, or give one in the body's options.token"
                        + " or the header X-HipChat-Token"));
        if (!token.isPrintable()) {
            throw new BadAlert("The token (not shown) holds characters that no token has;"
                    + " allowed are printable ASCII characters");
        }
        return token;
    }

    private StateChangesOnly stateChangesOnly(RequestOptions options) {
        boolean configured = config.global() && config.stateChangesOnly();
        return config.withInterval(
                options.stateChangesOnly().orElse(configured ? StateChangesOnly.ON : StateChangesOnly.OFF));
    }
}
