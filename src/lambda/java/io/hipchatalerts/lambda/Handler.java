package io.hipchatalerts.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.hipchatalerts.StartFailure;
import io.quarkus.funqy.lambda.FunqyStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What Lambda's Java runtime calls. Funqy's own handler does the work and may be named in its place; it would tell a bad
 * setting with a page of stack traces.
 */
public final class Handler implements RequestStreamHandler {

    private final RequestStreamHandler funqy = started();

    @Override
    public void handleRequest(InputStream event, OutputStream answer, Context context) throws IOException {
        funqy.handleRequest(event, answer, context);
    }

    /** Starts all of it, so that the first alert finds it running. */
    private static RequestStreamHandler started() {
        try {
            return new FunqyStreamHandler();
        } catch (RuntimeException failure) {
            throw StartFailure.of(failure);
        }
    }
}
