package io.hipchatalerts.alert;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether just changes of level are told, as Kapacitor's {@code .stateChangesOnly()} and
 * {@code .stateChangesOnly(10m)} (K §2.3).
 *
 * @param on false: every event is told
 * @param interval how long after the last message the same level is told again; empty: never
 */
public record StateChangesOnly(boolean on, Optional<Duration> interval) {

    public static final StateChangesOnly OFF = new StateChangesOnly(false, Optional.empty());
    public static final StateChangesOnly ON = new StateChangesOnly(true, Optional.empty());

    /** State changes only, with a reminder after {@code interval}. */
    public static StateChangesOnly every(Duration interval) {
        return new StateChangesOnly(true, Optional.of(interval));
    }

    /**
     * What the query parameter {@code stateChangesOnly} says.
     *
     * @throws BadAlert unless it is {@code true}, {@code false} or a duration
     */
    public static StateChangesOnly parse(String text) {
        return switch (text) {
            case "true" -> ON;
            case "false" -> OFF;
            default ->
                every(DurationText.parse(text)
                        .orElseThrow(() -> new BadAlert("stateChangesOnly must be true, false or "
                                + DurationText.ALLOWED + ", not " + BadAlert.quote(text))));
        };
    }
}
