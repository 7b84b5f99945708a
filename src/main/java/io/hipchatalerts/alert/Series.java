package io.hipchatalerts.alert;

import java.util.Map;

/**
 * The parts of an event's series that a handler's {@code match} can use (K §3.2, §5.1).
 *
 * @param name the measurement; empty if the event has none
 * @param tags all tags of a stream's point, or a batch's group tags
 */
public record Series(String name, Map<String, String> tags) {

    /** Kapacitor's empty event has {@code series: null}. */
    public static final Series NONE = new Series("", Map.of());

    public Series {
        tags = Map.copyOf(tags);
    }
}
