package io.hipchatalerts.bench.load;

import org.HdrHistogram.Histogram;

/**
 * The result of a closed loop.
 *
 * @param times the nanoseconds of each call
 * @param elapsed the nanoseconds of the whole
 * @param cpu the processor time of the program, in nanoseconds
 */
public record LoadResult(Histogram times, long elapsed, long cpu) {

    /** Returns the number of calls. */
    public long calls() {
        return times.getTotalCount();
    }

    /** Returns the calls a second. */
    public double perSecond() {
        return calls() * 1e9 / elapsed;
    }

    /** Returns the program's processor time for each call in microseconds. */
    public double cpuMicros() {
        return cpu / 1e3 / calls();
    }
}
