package io.hipchatalerts.alert;

import java.util.Map;

/**
 * What an event's data are about, as far as a handler's {@code match} asks for it (K §3.2, §5.1).
 *
 * @param name the measurement; empty when the event has none
 * @param tags all tags of a stream's point, or the group's tags of a batch
 */
public record Series(String name, Map<String, String> tags) {

    /** Kapacitor's zero event has {@code series: null}. */
    public static final Series NONE = new Series("", Map.of());

    public Series {
        tags = Map.copyOf(tags);
    }
}
