package io.hipchatalerts.kapacitor;

import static java.util.stream.Collectors.groupingBy;

import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
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

    /** Creates handlers without a directory. */
    public TopicHandlers(List<TopicHandler> handlers) {
        byTopic = handlers.stream().collect(groupingBy(TopicHandler::topic));
    }

    /** Returns the handlers of {@code topic}. */
    public List<TopicHandler> of(String topic) {
        return byTopic.getOrDefault(topic, List.of());
    }

    /** Returns all handlers. */
    public List<TopicHandler> all() {
        return byTopic.values().stream().flatMap(List::stream).toList();
    }

    /** Creates this bean at start, so that an invalid file stops the start, before anything connects. */
    void atStart(@Observes @Priority(Interceptor.Priority.APPLICATION) StartupEvent start) {}
}
