package io.hipchatalerts.bench.load;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An HTTP/1.1 connection over a plain socket. The JDK's client costs more than the function, on the same cores. */
public final class Connection implements AutoCloseable {

    private static final int TIMEOUT = 60_000;
    private static final Pattern LENGTH = Pattern.compile("(?i)\ncontent-length: *(\\d+)");

    private final Socket socket = new Socket();
    private final InputStream in;

    /** Connects to a port of this machine. */
    public Connection(int port) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException failed) {
            close();
            throw failed;
        }
    }

    /** Posts, and returns the whole answer, head and body. */
    public String post(Call call) throws IOException {
        socket.getOutputStream().write(call.request().getBytes(StandardCharsets.UTF_8));
        StringBuilder answer = new StringBuilder(512);
        while (answer.length() < 4 || answer.indexOf("\r\n\r\n", answer.length() - 4) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("The connection was closed after: " + answer);
            }
            answer.append((char) next);
        }
        Matcher length = LENGTH.matcher(answer);
        if (length.find()) {
            byte[] body = in.readNBytes(Integer.parseInt(length.group(1)));
            answer.append(new String(body, StandardCharsets.UTF_8));
        }
        return answer.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            // There is nothing left to close.
        }
    }
}
