package io.hipchatalerts.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Alert events of which a test names only the parts that it is about. */
public final class TestEvents {

    private TestEvents() {}

    /** Returns an event without duration, series, topic and options. */
    public static AlertEvent event(
            String id, String message, Level level, Optional<Level> previousLevel, Instant time) {
        return new AlertEvent(
                id,
                message,
                level,
                previousLevel,
                time,
                Duration.ZERO,
                Series.NONE,
                Optional.empty(),
                Optional.empty());
    }

    /** Returns an event that is about a topic and options, which are none if they are null. */
    public static AlertEvent event(String id, Level level, String topic, RequestOptions options) {
        return new AlertEvent(
                id,
                "m",
                level,
                Optional.empty(),
                Instant.EPOCH,
                Duration.ZERO,
                Series.NONE,
                Optional.ofNullable(topic),
                Optional.ofNullable(options));
    }

    /** Returns the options of three words: room, token and state changes only; a dash for no value. */
    public static RequestOptions options(String words) {
        String[] word = words.split(" ", -1);
        return new RequestOptions(
                given(word[0]), given(word[1]).map(Token::new), given(word[2]).map(StateChangesOnly::parse));
    }

    /** Returns a word, or none if it is a dash. */
    public static Optional<String> given(String word) {
        return Optional.of(word).filter(text -> !text.equals("-"));
    }
}
