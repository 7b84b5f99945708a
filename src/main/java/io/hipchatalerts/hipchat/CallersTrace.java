package io.hipchatalerts.hipchat;

import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Carries the trace of an event to the thread that sends its request. Only the build with traces has one to carry. */
@FunctionalInterface
public interface CallersTrace {

    /** Returns {@code task}, with the trace of the current thread. */
    Runnable carriedInto(Runnable task);

    /** Makes the one that carries nothing. */
    final class None {

        private None() {}

        @Produces
        @Singleton
        @DefaultBean
        static CallersTrace none() {
            return task -> task;
        }
    }
}
