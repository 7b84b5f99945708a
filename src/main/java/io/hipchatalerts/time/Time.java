package io.hipchatalerts.time;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The real clock, the real wait and real chance, for the running program. */
final class Time {

    @Produces
    @Singleton
    static InstantSource clock() {
        return InstantSource.system();
    }

    @Produces
    @Singleton
    static Pause pause() {
        // Whole, down to the nanosecond: a wait cut to milliseconds would end before the moment that it is for.
        return length -> TimeUnit.NANOSECONDS.sleep(TimeUnit.NANOSECONDS.convert(length));
    }

    @Produces
    @Singleton
    static RandomGenerator chance() {
        // From the operating system: processes that start from one picture (Lambda's SnapStart, a native image) would
        // draw
        // the same numbers from any other generator, and take each other's versions in the state store for their own.
        return new SecureRandom();
    }
}
