package io.hipchatalerts.bench.load;

import io.hipchatalerts.fake.FakeHipChat;

/** Counts what is not as it is due. A load with mistakes is not the load that the table names. */
public final class Mistakes {

    private long count;
    private long messages;
    private String first = "";

    /** Counts a mistake. */
    public synchronized void add(String mistake) {
        first = count == 0 ? mistake : first;
        count++;
    }

    /** Counts a mistake unless both numbers are equal. */
    public void expect(String what, long due, long had) {
        if (due != had) {
            add(what + ": " + due + " were due, " + had + " came");
        }
    }

    /** Counts a mistake unless the answer contains what is due. */
    public synchronized void check(String due, String answer) {
        messages += due.equals(Call.SENT) || due.equals(Call.ACCEPTED) ? 1 : 0;
        if (!answer.contains(due)) {
            add("Due was " + due + ", the answer was: " + answer);
        }
    }

    /** Counts a mistake unless HipChat has exactly the messages of all answers that were due since it started. */
    public synchronized void expectMessages(FakeHipChat hipChat) {
        expect("messages in HipChat", messages, hipChat.acceptedCount());
        messages = 0;
    }

    /** Returns whether there is none. */
    public synchronized boolean none() {
        return count == 0;
    }

    @Override
    public synchronized String toString() {
        return count + " mistakes, so the table is not to be trusted. The first: " + first;
    }
}
