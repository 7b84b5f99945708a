package io.hipchatalerts.lambda;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Keeps the metrics in memory: nothing can scrape a function that is frozen between events. */
final class Metrics {

    @Produces
    @Singleton
    static MeterRegistry inMemory() {
        return new SimpleMeterRegistry();
    }
}
