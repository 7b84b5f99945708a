package io.hipchatalerts.http;

import io.hipchatalerts.alert.BadAlert;
import java.net.URI;
import java.net.URISyntaxException;

/** The path and the query of a request, as its first line has them. */
final class RequestTarget {

    private static final char LAST_ASCII = 0x7f;

    private RequestTarget() {}

    /**
     * Checks the percent-encoding and the characters of {@code target}.
     *
     * @throws BadAlert if it is malformed; names the place and shows no value, which may be a token
     */
    static void check(String target) {
        int at = malformedAt(target);
        if (at >= 0) {
            throw new BadAlert("The address is malformed at character " + (at + 1) + ", in " + part(target, at)
                    + "; percent-encode what it inserts, in a Kapacitor template with urlquery");
        }
    }

    /** Returns the place of the first malformed character, or -1 if there is none. */
    private static int malformedAt(String target) {
        for (int at = 0; at < target.length(); at++) {
            // URI allows these. Vert.x has read each byte of them as one character.
            if (target.charAt(at) > LAST_ASCII) {
                return at;
            }
        }
        try {
            new URI(target);
            return -1;
        } catch (URISyntaxException malformed) {
            return Math.max(0, malformed.getIndex());
        }
    }

    /** Returns the name of the part of {@code target} that contains the character {@code at}. */
    private static String part(String target, int at) {
        int query = target.indexOf('?');
        if (query < 0 || at <= query) {
            return "the path";
        }
        String before = target.substring(query + 1, Math.min(at, target.length()));
        String parameter = before.substring(before.lastIndexOf('&') + 1);
        int equals = parameter.indexOf('=');
        return equals < 0
                ? "the name of a query parameter"
                : "the query parameter " + BadAlert.quote(parameter.substring(0, equals));
    }
}
