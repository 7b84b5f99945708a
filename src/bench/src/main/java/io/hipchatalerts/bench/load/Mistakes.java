package io.hipchatalerts.bench.load;

/** Counts answers that were not due. A load that got them is not the load that the table names. */
public final class Mistakes {

    private long count;
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

    /** Returns whether there is none. */
    public synchronized boolean none() {
        return count == 0;
    }

    @Override
    public synchronized String toString() {
        return count + " mistakes, so the table is not to be trusted. The first: " + first;
    }
}
