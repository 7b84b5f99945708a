package io.hipchatalerts.bench.load;

/**
 * A request, ready to be written at once, so that no measured time goes into its making.
 *
 * @param request the whole request
 * @param due the text that its answer must contain
 */
public record Call(String request, String due) {

    /** The answer to an alert that was sent: HipChat must have one message more. */
    public static final String SENT = "\"status\":\"sent\"";

    static final String ACCEPTED = "HTTP/1.1 204";
    static final String SUPPRESSED = "\"status\":\"suppressed\"";
    public static final String ANSWERED = "\"status\":\"answered\"";

    /** Returns the POST of a JSON body. */
    public static Call post(int port, String path, String body, String due) {
        String request = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        return new Call(request, due);
    }
}
