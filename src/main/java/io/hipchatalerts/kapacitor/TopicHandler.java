package io.hipchatalerts.kapacitor;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.match.Match;
import java.util.Optional;

/**
 * A topic handler of kind {@code hipchat} (K §3.1).
 *
 * @param topic the topic whose events it takes
 * @param id its name, which no other handler of the topic has
 * @param room the room, if it names one
 * @param token the token for that room, if it names one
 * @param match which of the topic's events it takes; empty: all
 */
public record TopicHandler(
        String topic, String id, Optional<String> room, Optional<Token> token, Optional<Match> match) {}
