package io.hipchatalerts.bench.load;

import io.hipchatalerts.fake.FakeHipChat;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is not as it is due. A load with mistakes is not the load that the table names. */
public final class Mistakes {

    private long count;
    private final LongAdder messages = new LongAdder();
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
    public void check(String due, String answer) {
        if (due.equals(Call.SENT) || due.equals(Call.ACCEPTED)) {
            messages.increment();
        }
        if (!answer.contains(due)) {
            add("Due was " + due + ", the answer was: " + answer);
        }
    }

    /** Counts a mistake unless HipChat has exactly the messages of all answers that were due since it started. */
    public void expectMessages(FakeHipChat hipChat) {
        expect("messages in HipChat", messages.sumThenReset(), hipChat.acceptedCount());
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
