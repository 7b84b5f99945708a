package io.hipchatalerts.bench.process;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.time.Duration;

/** The fake HipChat of the tests, for measurements: it only counts. */
public final class HipChats {

    private HipChats() {}

    /** Starts a HipChat that accepts every message after a delay. */
    public static FakeHipChat accepting(int delayMillis) {
        FakeHipChat hipChat = FakeHipChat.start();
        hipChat.countOnly();
        delay(hipChat, delayMillis);
        return hipChat;
    }

    /** Sets the delay. */
    public static void delay(FakeHipChat hipChat, int millis) {
        hipChat.reacts(millis == 0 ? Reaction.accepts() : Reaction.accepts().after(Duration.ofMillis(millis)));
    }
}
