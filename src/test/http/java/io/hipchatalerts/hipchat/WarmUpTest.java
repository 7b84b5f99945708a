package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.http.FakeHipChat;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = FakeHipChat.class, restrictToAnnotatedClass = true)
class WarmUpTest {

    @Inject
    ManagedExecutor executor;

    @Test
    void theProgramsCallToItselfGoesAllTheWayAndHipChatDoesNotSeeIt() {
        FakeHipChat.acceptsEverything();

        assertThat(WarmUp.tellOurselves(executor)).isTrue();

        assertThat(FakeHipChat.all()).isEmpty();
    }

    @Test
    void whereThePoolTakesNoTaskItIsLeftOut() {
        assertThat(WarmUp.tellOurselves(task -> {
                    throw new RejectedExecutionException("no thread");
                }))
                .isFalse();
    }
}
