package io.hipchatalerts.time;

import io.quarkus.arc.ClientProxy;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The clock, the wait, the timer and the random numbers of the running program. */
final class Time {

    @Produces
    @Singleton
    static InstantSource clock() {
        return InstantSource.system();
    }

    @Produces
    @Singleton
    static Pause pause() {
        // In nanoseconds: a wait that is cut to milliseconds ends before its moment.
        return length -> TimeUnit.NANOSECONDS.sleep(TimeUnit.NANOSECONDS.convert(length));
    }

    @Produces
    @Singleton
    static Timer timer(Vertx vertx, Executor workers) {
        // The executor itself: the proxy would make a second one, and fail, for a task that is due while the process
        // ends.
        return Timer.on(vertx, ClientProxy.unwrap(workers));
    }

    @Produces
    @Singleton
    static RandomGenerator random() {
        // From the operating system. Any other generator gives the same numbers to all processes that start from one
        // snapshot (Lambda SnapStart, a native image). Two processes would then write different records with the same
        // version.
        return new SecureRandom();
    }
}
