package io.hipchatalerts.hipchat;

import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Makes the HTTP client ready before the first alert comes. Its first call loads a thousand classes; on a small share
 * of a processor that could use up the first request's time-out and leave the first alert unclear for nothing.
 */
@ApplicationScoped
class WarmUp {

    private static final Logger LOG = Logger.getLogger(WarmUp.class);

    /** Nobody listens at port 1; the call ends at once, and HipChat itself never sees it. */
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");

    private static final Duration LONGEST = Duration.ofSeconds(10);

    void atStart(@Observes StartupEvent start, HipChatConfig config) {
        if (!config.enabled() || LaunchMode.current() != LaunchMode.NORMAL) {
            return;
        }
        try {
            QuarkusRestClientBuilder.newBuilder()
                    .baseUri(NOBODY)
                    .build(HipChatApi.class)
                    .send("warm-up", null, null, null, new Notification("", "", "", false, ""))
                    .await()
                    .atMost(LONGEST)
                    .close();
        } catch (RuntimeException refusedAsExpected) {
            LOG.debug("The HTTP client is warm");
        }
    }
}
