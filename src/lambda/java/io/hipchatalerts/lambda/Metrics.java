package io.hipchatalerts.lambda;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Nobody can scrape a function that is frozen between events: nothing is counted here, the log lines say the same. */
final class Metrics {

    @Produces
    @Singleton
    static MeterRegistry none() {
        return new CompositeMeterRegistry();
    }
}
