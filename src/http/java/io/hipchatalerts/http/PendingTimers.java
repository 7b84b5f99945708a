package io.hipchatalerts.http;

import io.hipchatalerts.delivery.PendingDeliveries;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.annotations.CommandLineArguments;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/** Sends pending changes in the background of the HTTP build. On Lambda nothing runs between invocations. */
@ApplicationScoped
class PendingTimers {

    void atStart(
            @Observes @Priority(Interceptor.Priority.APPLICATION) StartupEvent start,
            PendingDeliveries pending,
            @CommandLineArguments String[] arguments) {
        // The argument is check, which sends no alert.
        if (arguments.length == 0) {
            pending.start();
        }
    }

    void atStop(@Observes ShutdownEvent stop, PendingDeliveries pending) {
        pending.stop();
    }
}
