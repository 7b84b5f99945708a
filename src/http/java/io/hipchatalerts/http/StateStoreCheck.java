package io.hipchatalerts.http;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.OnOutage;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Shows whether the state store is reachable. An outage makes the instance unready only if it can send nothing without the
 * store.
 */
@Readiness
@ApplicationScoped
class StateStoreCheck implements AsyncHealthCheck {

    /** Kubernetes waits 1 s for the answer, so the store gets less. */
    private static final Duration LONGEST = Duration.ofMillis(500);

    private final StateStore store;
    private final boolean isNeeded;
    private final String key;

    StateStoreCheck(StateStore store, HipChatConfig config) {
        this.store = store;
        this.isNeeded = config.state().onOutage() == OnOutage.FAIL;
        this.key = StateStore.probe(config.state().keyPrefix());
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return Uni.createFrom()
                .item(this::isReachable)
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .ifNoItem()
                .after(LONGEST)
                .recoverWithItem(false)
                .map(this::response);
    }

    private boolean isReachable() {
        try {
            store.load(key);
            return true;
        } catch (StoreUnavailable outage) {
            return false;
        }
    }

    private HealthCheckResponse response(boolean reachable) {
        return HealthCheckResponse.named("state store")
                .withData("store", store.name())
                .withData("reachable", reachable)
                .status(reachable || !isNeeded)
                .build();
    }
}
