package io.hipchatalerts.hipchat;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;

/** What one request to HipChat came to. Whether to try again, and what is known then, is decided here and nowhere else. */
public enum Verdict {
    /** HipChat has the message. */
    ACCEPTED,
    /** HipChat will not take it, now or later. */
    REFUSED,
    /** HipChat certainly has not taken it, but may later: limited, or no connection. */
    NOT_NOW,
    /** HipChat may have taken it: no answer, or an error of its own. */
    UNCLEAR;

    private static final List<Class<? extends Throwable>> BEFORE_THE_REQUEST_WENT_OUT = List.of(
            ConnectException.class,
            NoRouteToHostException.class,
            UnknownHostException.class,
            UnresolvedAddressException.class,
            SSLHandshakeException.class);

    /** What an HTTP status means; K §1.4 and §7.4 list what HipChat gives. */
    static Verdict of(int status) {
        if (status >= 200 && status <= 204) {
            return ACCEPTED;
        }
        if (status == 408 || status == 429) {
            return NOT_NOW;
        }
        return status >= 500 ? UNCLEAR : REFUSED;
    }

    /** What a request without an answer means. */
    static Verdict of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            for (Class<? extends Throwable> type : BEFORE_THE_REQUEST_WENT_OUT) {
                if (type.isInstance(cause)) {
                    return NOT_NOW;
                }
            }
        }
        return UNCLEAR;
    }

    /** Whether another try can end better. */
    boolean isWorthAnotherTry() {
        return this == NOT_NOW || this == UNCLEAR;
    }
}
