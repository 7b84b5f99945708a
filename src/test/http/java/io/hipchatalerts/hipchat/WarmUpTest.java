package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = HipChatResource.class, restrictToAnnotatedClass = true)
class WarmUpTest {

    private final FakeHipChat hipChat = HipChatResource.hipChat();

    @Inject
    ManagedExecutor executor;

    @Test
    void theProgramCallsItselfAndHipChatSeesNoRequest() {
        assertThat(WarmUp.callItself(executor)).isTrue();

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
