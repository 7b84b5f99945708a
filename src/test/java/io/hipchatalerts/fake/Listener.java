package io.hipchatalerts.fake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Consumer;
import javax.net.ServerSocketFactory;

/** A port on 127.0.0.1 that can be closed and opened again. */
final class Listener implements AutoCloseable {

    private static final int BACKLOG = 1_000;

    private final ServerSocketFactory sockets;
    private final Consumer<Socket> clients;
    private final int port;
    private ServerSocket open;
    private Thread acceptor;

    /** Opens any free port. */
    Listener(ServerSocketFactory sockets, Consumer<Socket> clients) {
        this.sockets = sockets;
        this.clients = clients;
        port = FreePort.any();
        open();
    }

    int port() {
        return port;
    }

    /** Opens the same port again. */
    synchronized void reopen() {
        open();
    }

    /** Closes the port; no client is handed over afterwards. */
    @Override
    public synchronized void close() {
        try {
            open.close();
            // The port is free only when the thread has left the call that waits for clients.
            acceptor.join();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void open() {
        try {
            ServerSocket fresh = sockets.createServerSocket();
            fresh.setReuseAddress(true);
            fresh.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), BACKLOG);
            open = fresh;
            acceptor = Connection.inBackground(() -> acceptClients(fresh));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void acceptClients(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                clients.accept(from.accept());
            } catch (IOException closed) {
                // The port is closed, or the client is gone already.
            }
        }
    }
}
