package io.hipchatalerts.state;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HipChat down at its sockets, where a request can be left lying, and a connection cut in the place of an answer. */
final class RawHipChat implements AutoCloseable {

    /** What is done with each request; runs on a thread of its connection. */
    interface Script {
        void serve(Call call) throws IOException;
    }

    private static final Pattern LENGTH = Pattern.compile("content-length: *(\\d+)");
    private static final Pattern MESSAGE = Pattern.compile("\"message\":\"([^\"]*)\"");
    private static final int LONGEST_WAIT = 60_000;

    private final ServerSocket listener;
    private final Script script;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    RawHipChat(Script script) {
        this.script = script;
        try {
            listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        inBackground(() -> {
            while (true) {
                Socket client = listener.accept();
                inBackground(() -> serve(client));
            }
        });
    }

    String address() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/v2/room";
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket client : open) {
            client.close();
        }
    }

    private void serve(Socket client) throws IOException {
        open.add(client);
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            while (true) {
                client.setSoTimeout(0);
                String message = message(in);
                if (message.isEmpty()) {
                    return;
                }
                script.serve(new Call(message, client, in));
            }
        } finally {
            open.remove(client);
        }
    }

    /** The text of the next request's message; empty when the client hung up. */
    private static String message(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        Matcher length = LENGTH.matcher(head.toString().toLowerCase(Locale.ROOT));
        if (!length.find()) {
            throw new IOException("a request without a length: " + head);
        }
        String body = new String(in.readNBytes(Integer.parseInt(length.group(1))), UTF_8);
        Matcher message = MESSAGE.matcher(body);
        return message.find() ? message.group(1) : "";
    }

    /** One request. */
    static final class Call {

        private final String message;
        private final Socket client;
        private final InputStream in;

        private Call(String message, Socket client, InputStream in) {
            this.message = message;
            this.client = client;
            this.in = in;
        }

        String message() {
            return message;
        }

        /** Listens for so long; whether the client gave up in that time. */
        boolean isGivenUpWithin(int milliseconds) throws IOException {
            client.setSoTimeout(milliseconds);
            try {
                return in.read() < 0;
            } catch (SocketTimeoutException stillThere) {
                return false;
            } catch (IOException reset) {
                return true;
            }
        }

        /** Lies there until the client gives up. */
        void hangs() throws IOException {
            if (!isGivenUpWithin(LONGEST_WAIT)) {
                throw new IOException("nobody gave up on " + message);
            }
            client.close();
        }

        void answers(int status) throws IOException {
            client.getOutputStream()
                    .write(("HTTP/1.1 " + status + " X\r\n" + (status == 204 ? "" : "Content-Length: 0\r\n") + "\r\n")
                            .getBytes(ISO_8859_1));
        }

        /** Breaks the connection in the place of an answer. */
        void cuts() throws IOException {
            client.setSoLinger(true, 0);
            client.close();
        }
    }

    private static void inBackground(Work work) {
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

    private interface Work {
        void run() throws IOException;
    }
}
