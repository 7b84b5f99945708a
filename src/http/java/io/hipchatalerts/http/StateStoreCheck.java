package io.hipchatalerts.http;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.OnOutage;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreProbe;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Shows whether the state store can be read and written. An outage makes the instance unready only if it can send nothing
 * without the store.
 */
@Readiness
@ApplicationScoped
class StateStoreCheck implements AsyncHealthCheck {

    private static final Logger LOG = Logger.getLogger(StateStoreCheck.class);

    /** Kubernetes waits 1 s for the answer, so the store gets less. */
    private static final Duration LONGEST = Duration.ofMillis(500);

    /** The time for which the result of a write stands: a store may charge for each, and a probe may come every second. */
    private static final Duration WRITE_STANDS = Duration.ofSeconds(5);

    private final StateStore store;
    private final Duration longest;
    private final boolean isNeeded;
    private final Uni<Optional<String>> read;
    private final Uni<Optional<String>> write;
    private final AtomicBoolean wasUsable = new AtomicBoolean(true);

    /** The end of the time for which the result of the last write stands; a write under way has none. */
    private volatile Instant standsUntil = Instant.MAX;

    @Inject
    StateStoreCheck(StateStore store, HipChatConfig config, InstantSource clock, RandomGenerator random) {
        this(store, config, clock, random, LONGEST);
    }

    /**
     * Makes a check that ends in time.
     *
     * @param longest the time after which a store that does not answer counts as unavailable
     */
    StateStoreCheck(
            StateStore store, HipChatConfig config, InstantSource clock, RandomGenerator random, Duration longest) {
        StoreProbe probe = new StoreProbe(store, config.state().keyPrefix(), random);
        this.store = store;
        this.longest = longest;
        this.isNeeded = config.state().onOutage() == OnOutage.FAIL;
        this.read = errorOf(probe::read);
        // Logged when the call ends: in time there may be no answer, and only the store knows why.
        this.write = errorOf(probe::write)
                .onSubscription()
                .invoke(() -> standsUntil = Instant.MAX)
                .invoke(error -> {
                    logIfNeeded(error);
                    standsUntil = clock.instant().plus(WRITE_STANDS);
                })
                .memoize()
                .until(() -> !clock.instant().isBefore(standsUntil));
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return Uni.combine().all().unis(inTime(read), inTime(write)).with(this::response);
    }

    /** Returns the error of {@code call}; empty when it succeeds. */
    private static Uni<Optional<String>> errorOf(Runnable call) {
        return Uni.createFrom()
                .item(() -> {
                    try {
                        call.run();
                        return Optional.<String>empty();
                    } catch (StoreUnavailable outage) {
                        return Optional.of(outage.getCause().toString());
                    }
                })
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    private Uni<Optional<String>> inTime(Uni<Optional<String>> error) {
        return error.ifNoItem()
                .after(longest)
                .recoverWithItem(Optional.of("no answer within " + longest.toMillis() + " ms"));
    }

    /** Logs the begin and the end of an outage that makes the instance unready. */
    private void logIfNeeded(Optional<String> error) {
        if (!isNeeded || wasUsable.getAndSet(error.isEmpty()) == error.isEmpty()) {
            return;
        }
        error.ifPresentOrElse(
                reason -> LOG.warnf(
                        "Not ready: the %s state store cannot be read and written (%s), and hipchat.state.on-outage=fail"
                                + " sends nothing without it",
                        store.name(), reason),
                () -> LOG.infof("Ready again: the %s state store can be read and written", store.name()));
    }

    private HealthCheckResponse response(Optional<String> readError, Optional<String> writeError) {
        boolean isReachable = readError.isEmpty() && writeError.isEmpty();
        return HealthCheckResponse.named("state store")
                .withData("store", store.name())
                .withData("reachable", isReachable)
                .withData("readable", readError.isEmpty())
                .withData("writable", writeError.isEmpty())
                .status(isReachable || !isNeeded)
                .build();
    }
}
