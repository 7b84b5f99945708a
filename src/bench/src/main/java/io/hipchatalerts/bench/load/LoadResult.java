package io.hipchatalerts.bench.load;

import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * The result of a load.
 *
 * @param times the nanoseconds of each call
 * @param elapsed the nanoseconds of the whole
 * @param programCpu the processor time of the program, in nanoseconds
 * @param ownCpu the same of this process: the generator and the fake HipChat together
 */
public record LoadResult(Histogram times, long elapsed, long programCpu, long ownCpu) {

    /** Returns an empty histogram. Its values are exact to a thousandth. */
    static Histogram histogram() {
        return new ConcurrentHistogram(3);
    }

    /** Returns the number of calls. */
    public long calls() {
        return times.getTotalCount();
    }

    /** Returns a quantile of the times in milliseconds. */
    public double millis(double quantile) {
        return times.getValueAtPercentile(100 * quantile) / 1e6;
    }

    /** Returns the calls a second. */
    public double perSecond() {
        return calls() * 1e9 / elapsed;
    }

    /** Returns the program's processor time for each call in microseconds. */
    public double cpuMicros() {
        return programCpu / 1e3 / calls();
    }

    /** Returns this process's processor time for each call in microseconds. */
    public double ownCpuMicros() {
        return ownCpu / 1e3 / calls();
    }
}
