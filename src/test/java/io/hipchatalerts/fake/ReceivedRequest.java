package io.hipchatalerts.fake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request that arrived at HipChat as a whole.
 *
 * @param at the moment at which its last byte arrived
 * @param method the HTTP method
 * @param target the path and the query, as they stand in the request line
 * @param headers the header fields; the names may be asked for in any case
 * @param body the body as text
 */
public record ReceivedRequest(Instant at, String method, String target, Map<String, String> headers, String body) {

    private static final int LONGEST_HEAD = 64 * 1024;
    private static final Pattern REQUEST_LINE = Pattern.compile("([A-Z]+) (\\S+) HTTP/1\\.1");
    private static final Pattern ROOM = Pattern.compile("/([^/]+)/notification$");
    private static final Pattern BEARER = Pattern.compile("Bearer (.+)");

    /**
     * Reads the next request.
     *
     * @throws EOFException if the client closed the connection before the request was complete
     * @throws IllegalArgumentException if it is no HTTP request
     */
    static ReceivedRequest read(InputStream in) throws IOException {
        String head = head(in);
        String[] lines = head.split("\r\n", -1);
        Matcher requestLine = REQUEST_LINE.matcher(lines[0]);
        if (!requestLine.matches()) {
            throw new IllegalArgumentException("not a request line: " + lines[0]);
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("not a header field: " + lines[i]);
            }
            headers.merge(
                    lines[i].substring(0, colon),
                    lines[i].substring(colon + 1).strip(),
                    (first, next) -> first + ", " + next);
        }
        if (headers.containsKey("Transfer-Encoding")) {
            throw new IllegalArgumentException("only bodies with a Content-Length are supported: " + head);
        }
        int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException();
        }
        return new ReceivedRequest(
                Instant.now(),
                requestLine.group(1),
                requestLine.group(2),
                Collections.unmodifiableMap(headers),
                new String(body, UTF_8));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            head.append((char) next);
            if (head.length() > LONGEST_HEAD) {
                throw new IllegalArgumentException("a head without an end: " + head.substring(0, 100));
            }
        }
        return new String(head.substring(0, head.length() - 4).getBytes(ISO_8859_1), UTF_8);
    }

    /** Returns the path, percent-encoded as it came. */
    public String path() {
        return target.split("\\?", 2)[0];
    }

    /** Returns the query, percent-encoded as it came; empty without one. */
    public String query() {
        return target.contains("?") ? target.split("\\?", 2)[1] : "";
    }

    /** Returns the header field. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Returns the decoded name of the room in the path; empty if the path names none. */
    public String room() {
        Matcher room = ROOM.matcher(path());
        // A plus sign stands for itself in a path.
        return room.find() ? URLDecoder.decode(room.group(1).replace("+", "%2B"), UTF_8) : "";
    }

    /** Returns the token, whichever way it came; empty without one. */
    public String token() {
        Matcher bearer = BEARER.matcher(header("Authorization").orElse(""));
        if (bearer.matches()) {
            return bearer.group(1);
        }
        for (String parameter : query().split("&", -1)) {
            if (parameter.startsWith("auth_token=")) {
                return URLDecoder.decode(parameter.substring("auth_token=".length()), UTF_8);
            }
        }
        return "";
    }

    /** Returns whether HipChat shall check the token and send nothing to the room. */
    public boolean isAuthTest() {
        return query().contains("auth_test=true");
    }

    /** Returns the message of the notification. */
    public String message() {
        return notification().path("message").asText();
    }

    /** Returns the color of the notification. */
    public String color() {
        return notification().path("color").asText();
    }

    /** Returns whether the notification shall notify people. */
    public boolean notifies() {
        return notification().path("notify").asBoolean();
    }

    /** Returns the format of the message. */
    public String messageFormat() {
        return notification().path("message_format").asText();
    }

    /** Returns the sender of the notification. */
    public String from() {
        return notification().path("from").asText();
    }

    private JsonNode notification() {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException malformed) {
            throw new IllegalStateException("not a notification: " + this, malformed);
        }
    }

    /** Needed only by those who look into the body: a benchmark that counts requests runs without Jackson. */
    private static final class Json {
        private static final ObjectMapper MAPPER = new ObjectMapper();
    }
}
