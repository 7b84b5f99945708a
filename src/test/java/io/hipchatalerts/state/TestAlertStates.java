package io.hipchatalerts.state;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.time.Deadline;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/** Alert states for tests of other packages. */
public final class TestAlertStates {

    private TestAlertStates() {}

    /** Returns the states of one instance over {@code store}. It records unconfirmed writes with the next event only. */
    public static AlertStates over(
            StateStore store, HipChatConfig config, InstantSource clock, RandomGenerator random) {
        return new AlertStates(config, store, clock, random, new SimpleMeterRegistry(), (delay, task) -> {});
    }

    /** Returns all pending changes that are due. */
    public static List<PendingAlert> due(AlertStates states) {
        return states.pending().due(List.of(), Deadline.in(Duration.ofDays(1), InstantSource.system()), key -> {});
    }
}
