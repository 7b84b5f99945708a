package io.hipchatalerts;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.outcome.LogText;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tries every configured room and token on HipChat without a message in a room. {@code kapacitor service-tests hipchat}
 * does the same with a message (K §4.4).
 */
@ApplicationScoped
public class WiringCheck {

    /**
     * The result for one room.
     *
     * @param right whether alerts can be sent to it
     * @param text the room, where it is configured, and HipChat's answer; contains no token
     */
    public record CheckResult(boolean right, String text) {

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

    /** Sends HipChat one request for the configuration and one for each handler file, and returns the results. */
    public List<CheckResult> run() {
        if (!config.enabled()) {
            return List.of(new CheckResult(false, "hipchat.enabled is false: nothing is sent"));
        }
        return Stream.concat(Stream.of(configured()), handlers.all().stream().map(this::of))
                .toList();
    }

    private CheckResult configured() {
        return config.room().isPresent() && config.token().isPresent()
                ? tried("configuration", config.room(), config.token())
                : new CheckResult(
                        true,
                        "configuration: hipchat." + (config.room().isPresent() ? "token" : "room")
                                + " is not set, so each event or handler file must bring its own");
    }

    private CheckResult of(TopicHandler handler) {
        return tried(
                "handler " + handler.id() + " of topic " + handler.topic(),
                handler.room().or(config::room),
                handler.token().or(config::token));
    }

    private CheckResult tried(String who, Optional<String> room, Optional<Token> token) {
        if (room.isEmpty() || token.isEmpty()) {
            String missing = room.isEmpty() ? "room" : "token";
            return new CheckResult(
                    false, who + ": no " + missing + "; set options." + missing + " or hipchat." + missing);
        }
        SendResult result = hipChat.check(room.get(), token.get());
        return new CheckResult(
                isAccepted(result), who + ", room " + LogText.quoted(room.get()) + ": " + inWords(result));
    }

    /** HipChat accepts a check with 202 and a message with 204 or another status (K §7.4). */
    private static String inWords(SendResult result) {
        if (!isAccepted(result)) {
            return "HipChat says " + result.detail();
        }
        return result.detail().equals("202")
                ? "HipChat accepts the token"
                : "HipChat accepts the token; its status " + result.detail()
                        + " may mean that the room got this check's message";
    }

    private static boolean isAccepted(SendResult result) {
        return result instanceof SendResult.Accepted;
    }
}
