package io.hipchatalerts.traces;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.enterprise.context.ApplicationScoped;

/** Removes the query from addresses in spans, since with {@code hipchat.auth=query} it contains HipChat's token. */
@ApplicationScoped
class AddressWithoutQuery implements SpanProcessor {

    private static final AttributeKey<String> ADDRESS = AttributeKey.stringKey("url.full");

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
        String address = span.getAttribute(ADDRESS);
        if (address != null) {
            span.setAttribute(ADDRESS, address.split("\\?", 2)[0]);
        }
    }

    @Override
    public boolean isStartRequired() {
        return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {}

    @Override
    public boolean isEndRequired() {
        return false;
    }
}
