package io.hipchatalerts.state;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Stands between a client and its server and does to each request what can happen to it on the way. */
public final class RedisProxy implements AutoCloseable {

    /** What becomes of a request. */
    public enum Fate {
        /** It is answered. */
        ANSWERED,
        /** It is never answered, and the connection stays open. */
        SWALLOWED,
        /** The connection breaks before the server sees it. */
        CUT_BEFORE,
        /** The connection breaks after the server has done it. */
        CUT_AFTER
    }

    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Function<String, Fate> fates = request -> Fate.ANSWERED;

    public RedisProxy(int target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        inBackground(() -> {
            while (true) {
                Socket client = listener.accept();
                connections.incrementAndGet();
                inBackground(() -> serve(client));
            }
        });
    }

    public String address() {
        return "redis://127.0.0.1:" + listener.getLocalPort();
    }

    /** From now on. */
    public void decides(Function<String, Fate> fateOfRequest) {
        fates = fateOfRequest;
    }

    /** How many connections clients have made. */
    public int connectionsMade() {
        return connections.get();
    }

    /** How many connections clients hold open. */
    public int connectionsOpen() {
        return open.size();
    }

    /** Breaks all connections that are open. */
    public void cutsAll() throws IOException {
        for (Socket client : open) {
            client.close();
        }
    }

    private void serve(Socket client) throws IOException {
        open.add(client);
        AtomicBoolean cut = new AtomicBoolean();
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            inBackground(() -> answer(server, client, cut));
            byte[] buffer = new byte[64 * 1024];
            InputStream requests = client.getInputStream();
            int length;
            while ((length = requests.read(buffer)) > 0) {
                Fate fate = fates.apply(new String(buffer, 0, length, ISO_8859_1));
                if (fate == Fate.CUT_BEFORE) {
                    return;
                }
                if (fate == Fate.CUT_AFTER) {
                    cut.set(true);
                }
                if (fate != Fate.SWALLOWED) {
                    // A request may come in pieces; the server answers when it has them all.
                    server.getOutputStream().write(buffer, 0, length);
                }
            }
        } finally {
            open.remove(client);
        }
    }

    private static void answer(Socket server, Socket client, AtomicBoolean cut) throws IOException {
        try (client) {
            byte[] buffer = new byte[64 * 1024];
            InputStream answers = server.getInputStream();
            int length;
            while ((length = answers.read(buffer)) > 0 && !cut.get()) {
                client.getOutputStream().write(buffer, 0, length);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cutsAll();
    }

    /** Work that ends at the end of a connection. */
    public interface Work {
        void run() throws IOException;
    }

    /** Begins {@code work} on a thread of its own. */
    public static void inBackground(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException over) {
                // Somebody hung up, which is what this class is about.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
