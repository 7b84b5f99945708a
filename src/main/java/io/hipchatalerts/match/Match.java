package io.hipchatalerts.match;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import java.util.Set;

/**
 * A handler's condition for events: a TICKscript expression, as in Kapacitor's handler files (K §3.2). The parser checks
 * the types, so only a missing tag or a division by zero can fail later.
 */
public final class Match {

    private final Expression condition;
    private final Set<String> tags;

    Match(Expression condition, Set<String> tags) {
        this.condition = condition;
        this.tags = tags;
    }

    /**
     * Parses a match.
     *
     * @throws BadMatch if it is invalid; the message says where and what was expected
     */
    public static Match parse(String text) {
        return new Parser(text).match();
    }

    /**
     * Returns whether the handler accepts {@code event}.
     *
     * @throws MatchFailed if the event lacks a tag. Kapacitor looks up all tags first, even those that decide nothing.
     */
    public boolean accepts(AlertEvent event) throws MatchFailed {
        for (String tag : tags) {
            if (!event.series().tags().containsKey(tag)) {
                throw new MatchFailed("the event has no tag " + BadAlert.quote(tag));
            }
        }
        return (boolean) condition.value().in(event);
    }
}
