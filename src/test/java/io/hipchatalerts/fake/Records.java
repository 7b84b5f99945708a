package io.hipchatalerts.fake;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The events since the last reset. The lock of {@link FakeHipChat} guards them. */
final class Records {

    final List<ReceivedRequest> requests = new ArrayList<>();
    final List<Acceptance> accepted = new ArrayList<>();
    final List<ReceivedRequest> givenUp = new ArrayList<>();
    final List<ReceivedRequest> perhapsUnread = new ArrayList<>();
    private final boolean countsOnly;
    private long requestCount;
    private long acceptedCount;

    Records(boolean countsOnly) {
        this.countsOnly = countsOnly;
    }

    /** Returns empty records of the same kind. */
    Records fresh() {
        return new Records(countsOnly);
    }

    void receive(ReceivedRequest request) {
        requestCount++;
        keep(requests, request);
    }

    void accept(ReceivedRequest request) {
        acceptedCount++;
        keep(accepted, new Acceptance(request, Instant.now()));
    }

    void giveUp(ReceivedRequest request) {
        keep(givenUp, request);
    }

    void leavePerhapsUnread(ReceivedRequest request) {
        keep(perhapsUnread, request);
    }

    long requestCount() {
        return requestCount;
    }

    long acceptedCount() {
        return acceptedCount;
    }

    private <T> void keep(List<T> all, T one) {
        if (!countsOnly) {
            all.add(one);
        }
    }
}
