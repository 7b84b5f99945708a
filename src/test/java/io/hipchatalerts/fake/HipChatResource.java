package io.hipchatalerts.fake;

import io.hipchatalerts.ProjectFiles;
import io.quarkus.test.common.QuarkusTestResourceConfigurableLifecycleManager;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The HipChat of {@link WithHipChat}. */
public final class HipChatResource implements QuarkusTestResourceConfigurableLifecycleManager<WithHipChat> {

    /** The configured token; no output of the program may contain it. */
    public static final String TOKEN = "s3cret-hipchat-token";

    private static volatile FakeHipChat running;

    private final Map<String, String> settings = new HashMap<>();
    private FakeHipChat hipChat;

    /** Returns the HipChat of the running tests. */
    public static FakeHipChat hipChat() {
        return running;
    }

    /** Returns the settings of a program that uses {@code hipChat}; an empty value in {@code more} removes a setting. */
    public static Map<String, String> settings(FakeHipChat hipChat, Map<String, String> more) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "hipchat.enabled", "true",
                "hipchat.url", hipChat.url(),
                "hipchat.room", "alerts",
                "hipchat.token", TOKEN,
                // A busy machine keeps these limits. A test of a limit sets its own.
                "hipchat.deadline", "25s",
                "hipchat.request-timeout", "20s",
                // Else a failed delivery of one test keeps the room closed to the next test for a while.
                "hipchat.pending.enabled", "false"));
        settings.putAll(more);
        settings.values().removeIf(String::isEmpty);
        return settings;
    }

    @Override
    public void init(WithHipChat test) {
        settings.putAll(ProjectFiles.properties(test.value()));
    }

    @Override
    public Map<String, String> start() {
        hipChat = FakeHipChat.start();
        running = hipChat;
        return settings(hipChat, settings);
    }

    @Override
    public void stop() {
        hipChat.close();
    }
}
