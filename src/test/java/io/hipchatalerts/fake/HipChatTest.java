package io.hipchatalerts.fake;

import org.junit.jupiter.api.AfterEach;

/** A test of the running program, whose HipChat forgets each test. */
public abstract class HipChatTest {

    protected final FakeHipChat hipChat = HipChatResource.hipChat();

    @AfterEach
    protected void resetHipChat() {
        hipChat.reset();
    }
}
