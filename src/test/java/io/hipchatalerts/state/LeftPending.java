package io.hipchatalerts.state;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.Versioned;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A pending change for the room {@code alerts}, as a process leaves it that stored it and has stopped. */
public final class LeftPending {

    private LeftPending() {}

    /** Stores a change of the alert {@code id} that is due; its message is {@code id is down}. */
    public static void in(StateStore store, String id) {
        Instant now = Instant.now();
        String key = new AlertKey("", "", id, "alerts").under("hipchat-alerts");
        Pending pending = new Pending(
                now.toEpochMilli(),
                new Change(Level.CRITICAL, Optional.empty(), now, Optional.empty()),
                now,
                now,
                Optional.of(new StoredAlert(id, Optional.empty(), Optional.empty(), "alerts", id + " is down")));
        store.announce(key, pending);
        store.compareAndSet(
                key,
                Optional.empty(),
                new Versioned(
                        new AlertState(
                                LastSent.NOTHING,
                                Optional.empty(),
                                now,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(pending)),
                        1),
                Duration.ofDays(1));
    }
}
