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
 * Prepares the HTTP client before the first alert: this process calls itself once. The first call loads a thousand
 * classes. On a small share of a processor, that can use up the first request's timeout and leave the first alert in
 * doubt. AWS Lambda gives a start more processor time than an event.
 */
@ApplicationScoped
class WarmUp {

    private static final Logger LOG = Logger.getLogger(WarmUp.class);
    /** Half of the time that AWS Lambda allows for a start. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final byte[] ACCEPTED = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);

    void atStart(@Observes StartupEvent start, HipChatConfig config, ManagedExecutor executor) {
        if (config.enabled() && LaunchMode.current() == LaunchMode.NORMAL) {
            callItself(executor);
        }
    }

    /** Calls this process. Returns whether the call succeeded; the first alert is sent in any case. */
    static boolean callItself(Executor executor) {
        try (ServerSocket standIn = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK))) {
            standIn.setSoTimeout((int) LONGEST.toMillis());
            executor.execute(() -> acceptOne(standIn));
            QuarkusRestClientBuilder.newBuilder()
                    .baseUri(URI.create("http://127.0.0.1:" + standIn.getLocalPort()))
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

    private static void acceptOne(ServerSocket standIn) {
        try (Socket caller = standIn.accept()) {
            caller.setSoTimeout((int) LONGEST.toMillis());
            if (caller.getInputStream().read() >= 0) {
                caller.getOutputStream().write(ACCEPTED);
            }
            caller.shutdownOutput();
            // Reads the rest of the request: unread bytes would turn the end of the connection into an error.
            caller.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException failure) {
            LOG.debug("The warm-up call did not arrive", failure);
        }
    }
}
