package io.hipchatalerts.fake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;

/**
 * One client's connection. Its thread does nothing but read, so that it notices at once that the client has closed the
 * connection.
 */
final class Connection {

    private final FakeHipChat hipChat;
    private final Socket socket;
    private final InputStream in;
    private volatile Exchange current;
    private volatile boolean closing;

    Connection(FakeHipChat hipChat, Socket socket) throws IOException {
        this.hipChat = hipChat;
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    static Thread inBackground(Runnable work) {
        Thread thread = new Thread(work, "fake HipChat");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Serves one request after the other until the connection is closed. */
    void serve() {
        try (socket) {
            serveAll();
        } catch (IOException gone) {
            // The client has closed the connection, or this side has.
        } finally {
            if (current != null) {
                current.giveUp();
            }
            hipChat.closed(this);
        }
    }

    private void serveAll() throws IOException {
        try {
            while (isNextRequest()) {
                current = hipChat.receive(ReceivedRequest.read(in), this);
                hipChat.react(current);
            }
            if (closing && current != null) {
                current.untilOver();
            }
        } catch (IllegalArgumentException malformed) {
            hipChat.fail(new AssertionError("a malformed request", malformed));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the first byte of the next request, and for the end of the current one. */
    private boolean isNextRequest() throws IOException, InterruptedException {
        in.mark(1);
        if (in.read() < 0) {
            return false;
        }
        in.reset();
        if (current != null && current.isStalled()) {
            hipChat.fail(new AssertionError("the client did not close the connection after " + current.request()
                    + ", whose answer has no end, but used it again"));
            current.cut();
            return false;
        }
        if (current != null) {
            current.untilOver();
        }
        return !closing;
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Returns whether this side closes the connection as soon as the current request is answered. */
    boolean isClosing() {
        return closing;
    }

    /** Closes the connection as soon as the current request is answered; at once if it never will be. */
    void closeOnceAnswered() {
        closing = true;
        Exchange open = current;
        if (open != null && open.isStalled()) {
            open.close();
            return;
        }
        try {
            // An answer that is being written arrives.
            socket.shutdownInput();
        } catch (IOException closed) {
            // There is nothing left to close.
        }
    }

    void close() {
        closing = true;
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void cut() {
        closing = true;
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException closed) {
            // There is nothing left to reset.
        }
        close();
    }

    /** Closes the connection whatever its request is waiting for. */
    void end() {
        Exchange open = current;
        if (open != null) {
            open.close();
        }
        close();
    }
}
