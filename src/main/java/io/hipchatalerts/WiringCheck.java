package io.hipchatalerts;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tries every configured room and token on HipChat, without an alert and without a message in a room: what
 * {@code kapacitor service-tests hipchat} does there with a message (K §4.4).
 */
@ApplicationScoped
public class WiringCheck {

    /**
     * What is known about one room.
     *
     * @param right whether alerts can be told there
     * @param text for people: which room, who names it, and what HipChat says; holds no token
     */
    public record Finding(boolean right, String text) {

        @Override
        public String toString() {
            return (right ? "ok     " : "WRONG  ") + text;
        }
    }

    private final HipChatConfig config;
    private final TopicHandlers handlers;
    private final HipChatClient hipChat;

    WiringCheck(HipChatConfig config, TopicHandlers handlers, HipChatClient hipChat) {
        this.config = config;
        this.handlers = handlers;
        this.hipChat = hipChat;
    }

    /** One finding for the configuration and one for each handler file; takes a request to HipChat each. */
    public List<Finding> run() {
        if (!config.enabled()) {
            return List.of(new Finding(false, "hipchat.enabled is false: nothing is told"));
        }
        return Stream.concat(Stream.of(configured()), handlers.all().stream().map(this::of))
                .toList();
    }

    private Finding configured() {
        return config.room().isPresent() && config.token().isPresent()
                ? tried("configuration", config.room(), config.token())
                : new Finding(
                        true,
                        "configuration: hipchat." + (config.room().isPresent() ? "token" : "room")
                                + " is not set, so each event or handler file must bring its own");
    }

    private Finding of(TopicHandler handler) {
        return tried(
                "handler " + handler.id() + " of topic " + handler.topic(),
                handler.room().or(config::room),
                handler.token().or(config::token));
    }

    private Finding tried(String who, Optional<String> room, Optional<Token> token) {
        if (room.isEmpty() || token.isEmpty()) {
            String missing = room.isEmpty() ? "room" : "token";
            return new Finding(false, who + ": no " + missing + "; set options." + missing + " or hipchat." + missing);
        }
        SendResult result = hipChat.check(room.get(), token.get());
        return new Finding(isAccepted(result), who + ", room " + EventLog.quoted(room.get()) + ": " + inWords(result));
    }

    /** HipChat answers 202 to a mere trial; other answers that accept are those to a message (K §7.4). */
    private static String inWords(SendResult result) {
        if (!isAccepted(result)) {
            return "HipChat says " + result.detail();
        }
        return result.detail().equals("202")
                ? "HipChat takes the token"
                : "HipChat takes the token, and with " + result.detail() + " perhaps the message of this check too";
    }

    private static boolean isAccepted(SendResult result) {
        return result instanceof SendResult.Accepted;
    }
}
