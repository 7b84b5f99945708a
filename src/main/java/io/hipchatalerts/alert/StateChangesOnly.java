package io.hipchatalerts.alert;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether to send only changes of level, as Kapacitor's {@code .stateChangesOnly()} and
 * {@code .stateChangesOnly(10m)} do (K §2.3).
 *
 * @param on if false, every event is sent
 * @param interval the time after which the same level is sent again; empty: never
 */
public record StateChangesOnly(boolean on, Optional<Duration> interval) {

    public static final StateChangesOnly OFF = new StateChangesOnly(false, Optional.empty());
    public static final StateChangesOnly ON = new StateChangesOnly(true, Optional.empty());

    /** Returns state changes only with a reminder after {@code interval}. */
    public static StateChangesOnly every(Duration interval) {
        return new StateChangesOnly(true, Optional.of(interval));
    }

    /**
     * Returns the same for an interval as text.
     *
     * @param key the option's name in an error text
     * @throws BadAlert if {@code interval} is not a duration
     */
    static StateChangesOnly every(String key, String interval) {
        return DurationText.parse(interval)
                .map(StateChangesOnly::every)
                .orElseThrow(() -> new BadAlert(
                        key + " must be true, false or " + DurationText.ALLOWED + ", not " + BadAlert.quote(interval)));
    }

    /**
     * Reads the query parameter {@code stateChangesOnly}.
     *
     * @throws BadAlert unless it is {@code true}, {@code false} or a duration
     */
    public static StateChangesOnly parse(String text) {
        return switch (text) {
            case "true" -> ON;
            case "false" -> OFF;
            default -> every("stateChangesOnly", text);
        };
    }
}
