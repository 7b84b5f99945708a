package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithHipChat
class WarmUpTest extends HipChatTest {

    @Inject
    ManagedExecutor executor;

    @Test
    void theProgramCallsItselfAndHipChatSeesNoRequest() {
        // A busy machine may need more than the time of one call.
        await().atMost(Duration.ofSeconds(90)).until(() -> WarmUp.callItself(executor));

        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void aFullThreadPoolSkipsTheCall() {
        assertThat(WarmUp.callItself(task -> {
                    throw new RejectedExecutionException("no thread");
                }))
                .isFalse();
    }
}
