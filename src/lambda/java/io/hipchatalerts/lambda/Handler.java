package io.hipchatalerts.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.hipchatalerts.StartFailure;
import io.quarkus.funqy.lambda.FunqyStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jboss.logging.MDC;

/**
 * The handler for Lambda's Java runtime. Funqy's own handler does the work and can be used instead, but it reports a bad
 * setting with long stack traces, and does not give the log the invocation's id.
 */
public final class Handler implements RequestStreamHandler {

    private final RequestStreamHandler funqy = started();

    @Override
    public void handleRequest(InputStream event, OutputStream answer, Context context) throws IOException {
        MDC.put(RequestId.KEY, context.getAwsRequestId());
        try {
            funqy.handleRequest(event, answer, context);
        } finally {
            MDC.remove(RequestId.KEY);
        }
    }

    /** Starts the program before the first alert. */
    private static RequestStreamHandler started() {
        try {
            return new FunqyStreamHandler();
        } catch (RuntimeException failure) {
            throw StartFailure.of(failure);
        }
    }
}
