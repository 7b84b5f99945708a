package io.hipchatalerts.kapacitor;

import static java.util.stream.Collectors.groupingBy;

import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

/** The topic handlers of kind {@code hipchat} in {@code hipchat.handlers-dir}, read once at start. */
@Singleton
public class TopicHandlers {

    private final Map<String, List<TopicHandler>> byTopic;

    @Inject
    TopicHandlers(HipChatConfig config) {
        this(config.handlersDir().map(HandlerFiles::read).orElse(List.of()));
    }

    /** These handlers. */
    public TopicHandlers(List<TopicHandler> handlers) {
        byTopic = handlers.stream().collect(groupingBy(TopicHandler::topic));
    }

    /** The handlers of {@code topic}; empty when it has none of kind {@code hipchat}. */
    public List<TopicHandler> of(String topic) {
        return byTopic.getOrDefault(topic, List.of());
    }

    /** All handlers. */
    public List<TopicHandler> all() {
        return byTopic.values().stream().flatMap(List::stream).toList();
    }

    /** A bad file stops the start and not the first event. */
    void atStart(@Observes StartupEvent start) {}
}
