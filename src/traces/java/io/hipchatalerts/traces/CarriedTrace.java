package io.hipchatalerts.traces;

import io.hipchatalerts.hipchat.CallersTrace;
import io.opentelemetry.context.Context;
import jakarta.inject.Singleton;

/** Carries OpenTelemetry's context, so that the span of a request to HipChat is a child of its event's span. */
@Singleton
class CarriedTrace implements CallersTrace {

    @Override
    public Runnable carriedInto(Runnable task) {
        return Context.current().wrap(task);
    }
}
