package io.hipchatalerts.lambda;

import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logging.MDC;
import org.jboss.logmanager.ExtLogRecord;

/**
 * Adds the invocation's id to every log line. The log's context of a thread is not enough: workers do most of the work,
 * and a worker keeps the context of the invocation that created it. An instance handles one invocation at a time.
 */
@LoggingFilter(name = "request-id")
public final class RequestId implements Filter {

    /** The id's name in the log's context, where Quarkus puts it in a native executable, and {@link Handler} on the JVM. */
    static final String KEY = "AWSRequestId";

    private static volatile String current = "";

    /** Begins the invocation whose id is in this thread's log context. */
    static void begin() {
        Object id = MDC.get(KEY);
        current = id == null ? "" : id.toString();
    }

    /** Returns the id of the last invocation that has begun; empty if there is none. */
    static String current() {
        return current;
    }

    @Override
    public boolean isLoggable(LogRecord line) {
        if (line instanceof ExtLogRecord record && !current.isEmpty()) {
            record.putMdc(KEY, current);
        }
        return true;
    }
}
