package io.hipchatalerts.match;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import java.util.Set;

/**
 * Which events a handler takes: a TICKscript expression, as Kapacitor's handler files have it (K §3.2). Its types are
 * checked when it is parsed, so that all that can fail on an event is a missing tag or a division by zero.
 */
public final class Match {

    private final Expression condition;
    private final Set<String> tags;

    Match(Expression condition, Set<String> tags) {
        this.condition = condition;
        this.tags = tags;
    }

    /**
     * The match that {@code text} spells.
     *
     * @throws BadMatch when it spells none; the message says where and what was expected
     */
    public static Match parse(String text) {
        return new Parser(text).match();
    }

    /**
     * Whether the handler takes {@code event}.
     *
     * @throws MatchFailed when the event lacks a tag, even one that would not decide: Kapacitor looks them all up first
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
