package io.hipchatalerts.time;

import java.util.random.RandomGenerator;

/** The two ends of a random wait. */
public final class Jitter {

    /** Draws the shortest wait. */
    public static final RandomGenerator LEAST = () -> 0L;

    /** Draws the longest wait. */
    public static final RandomGenerator MOST = new RandomGenerator() {
        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private Jitter() {}
}
