package io.hipchatalerts.state;

import java.time.Instant;
import java.util.Optional;

/** Records of alerts of which a test names only the parts that it is about. */
public final class TestRecords {

    private TestRecords() {}

    /** Returns a record of an alert on which no delivery works. */
    public static AlertState free(LastSent lastSent, Instant newest) {
        return new AlertState(lastSent, Optional.empty(), newest, Optional.empty(), Optional.empty(), Optional.empty());
    }

    public static AlertState withLastSent(AlertState state, LastSent lastSent) {
        return new AlertState(
                lastSent, state.lastSentAt(), state.newest(), state.lease(), state.inDoubt(), state.pending());
    }

    public static AlertState withLastSentAt(AlertState state, Optional<Instant> lastSentAt) {
        return new AlertState(
                state.lastSent(), lastSentAt, state.newest(), state.lease(), state.inDoubt(), state.pending());
    }

    public static AlertState withNewest(AlertState state, Instant newest) {
        return new AlertState(
                state.lastSent(), state.lastSentAt(), newest, state.lease(), state.inDoubt(), state.pending());
    }

    public static AlertState withLease(AlertState state, Optional<Lease> lease) {
        return new AlertState(
                state.lastSent(), state.lastSentAt(), state.newest(), lease, state.inDoubt(), state.pending());
    }

    public static AlertState withDoubt(AlertState state, Optional<InDoubt> inDoubt) {
        return new AlertState(
                state.lastSent(), state.lastSentAt(), state.newest(), state.lease(), inDoubt, state.pending());
    }

    public static AlertState withPending(AlertState state, Optional<Pending> pending) {
        return state.withPending(pending);
    }
}
