package io.hipchatalerts.kapacitor;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.match.Match;
import java.util.Optional;

/**
 * A topic handler of kind {@code hipchat} (K §3.1).
 *
 * @param topic the topic whose events it handles
 * @param id its name, unique in the topic
 * @param room the room, if the file contains one
 * @param token the token for that room, if the file contains one
 * @param match which of the topic's events it accepts; empty: all
 */
public record TopicHandler(
        String topic, String id, Optional<String> room, Optional<Token> token, Optional<Match> match) {}
