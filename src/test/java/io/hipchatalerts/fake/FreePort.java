package io.hipchatalerts.fake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that start later, or go away and come back. The system gives these to nobody who asks for any port,
 * neither to servers nor to connections. So a port stays free until its server is there.
 */
public final class FreePort {

    private static final int FIRST = 10_000;
    private static final int FIRST_OF_THE_SYSTEM = 32_768;

    private FreePort() {}

    /** Returns a port at which nobody listens. */
    public static int any() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST_OF_THE_SYSTEM);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (BindException taken) {
                // Another one may be free.
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
