package io.hipchatalerts.state.store;

import java.util.Optional;
import software.amazon.awssdk.core.SdkPlugin;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.AcquireInitialTokenResponse;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RecordSuccessResponse;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenResponse;
import software.amazon.awssdk.retries.api.RetryStrategy;

/**
 * Remembers the last error for which the AWS SDK tried one call again. The SDK drops it when the call's time ends during
 * the retries, and throttled calls mostly end so.
 */
final class LastError implements SdkPlugin {

    private volatile Throwable failure;

    /** Returns the error; empty when no try has failed. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void configureClient(SdkServiceClientConfiguration.Builder client) {
        client.overrideConfiguration()
                .retryStrategy()
                .ifPresent(retries -> client.overrideConfiguration(
                        configuration -> configuration.retryStrategy(new Remembering(retries))));
    }

    /** Retries as {@code strategy} does. */
    private final class Remembering implements RetryStrategy {

        private final RetryStrategy strategy;

        Remembering(RetryStrategy strategy) {
            this.strategy = strategy;
        }

        @Override
        public AcquireInitialTokenResponse acquireInitialToken(AcquireInitialTokenRequest request) {
            return strategy.acquireInitialToken(request);
        }

        @Override
        public RefreshRetryTokenResponse refreshRetryToken(RefreshRetryTokenRequest request) {
            failure = request.failure();
            return strategy.refreshRetryToken(request);
        }

        @Override
        public RecordSuccessResponse recordSuccess(RecordSuccessRequest request) {
            return strategy.recordSuccess(request);
        }

        @Override
        public int maxAttempts() {
            return strategy.maxAttempts();
        }

        @Override
        public boolean useClientDefaults() {
            return strategy.useClientDefaults();
        }

        @Override
        public Builder<?, ?> toBuilder() {
            return strategy.toBuilder();
        }
    }
}
