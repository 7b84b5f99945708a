package io.hipchatalerts.hipchat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hipchatalerts.config.HipChatConfig;
import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.jboss.logging.Logger;

/**
 * Makes the HTTP client ready before the first alert comes, by a call from this process to itself. Its first call loads
 * a thousand classes; on a small share of a processor that could use up the first request's time-out and leave the
 * first alert unclear for nothing. AWS Lambda gives a start more of a processor than an event.
 */
@ApplicationScoped
class WarmUp {

    private static final Logger LOG = Logger.getLogger(WarmUp.class);
    /** Half of what AWS Lambda gives a start. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final byte[] OURSELVES = {127, 0, 0, 1};
    private static final byte[] ACCEPTED = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);

    void atStart(@Observes StartupEvent start, HipChatConfig config, ManagedExecutor executor) {
        if (config.enabled() && LaunchMode.current() == LaunchMode.NORMAL) {
            tellOurselves(executor);
        }
    }

    /** Whether the call went all the way; the first alert is told in any case. */
    static boolean tellOurselves(Executor executor) {
        try (ServerSocket inHipChatsPlace = new ServerSocket(0, 1, InetAddress.getByAddress(OURSELVES))) {
            inHipChatsPlace.setSoTimeout((int) LONGEST.toMillis());
            executor.execute(() -> acceptOne(inHipChatsPlace));
            QuarkusRestClientBuilder.newBuilder()
                    .baseUri(URI.create("http://127.0.0.1:" + inHipChatsPlace.getLocalPort()))
                    .build(HipChatApi.class)
                    .send("warm-up", null, null, null, new Notification("", "", "", false, ""))
                    .await()
                    .atMost(LONGEST)
                    .close();
            return true;
        } catch (IOException | RuntimeException cold) {
            LOG.debug("The HTTP client is not warm", cold);
            return false;
        }
    }

    private static void acceptOne(ServerSocket inHipChatsPlace) {
        try (Socket caller = inHipChatsPlace.accept()) {
            caller.setSoTimeout((int) LONGEST.toMillis());
            if (caller.getInputStream().read() >= 0) {
                caller.getOutputStream().write(ACCEPTED);
            }
            caller.shutdownOutput();
            // What it says is of no interest, but unread it would make the end of the connection an error.
            caller.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException gone) {
            LOG.debug("Nobody called", gone);
        }
    }
}
