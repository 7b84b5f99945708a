package io.hipchatalerts.outcome;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The answer to a flush (contract §5a).
 *
 * @param flushed the number of due pending changes by result
 * @param pending how many are still kept, due or not
 */
@RegisterForReflection
public record FlushOutcome(Flushed flushed, long pending) implements Answer {

    /** The answer when pending changes are switched off. */
    public static final FlushOutcome NOTHING = new FlushOutcome(new Flushed(0, 0, 0, 0), 0);

    /**
     * The changes that are no longer pending.
     *
     * @param sent accepted by HipChat
     * @param refused refused permanently by HipChat
     * @param expired given up because of their age
     * @param stale no longer news
     */
    @RegisterForReflection
    public record Flushed(int sent, int refused, int expired, int stale) {}
}
