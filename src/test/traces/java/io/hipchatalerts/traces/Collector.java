package io.hipchatalerts.traces;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Gets the spans in a collector's place. */
@ApplicationScoped
class Collector implements SpanExporter {

    private final BlockingQueue<SpanData> spans = new LinkedBlockingQueue<>();

    @Override
    public CompletableResultCode export(Collection<SpanData> ended) {
        spans.addAll(ended);
        return CompletableResultCode.ofSuccess();
    }

    /**
     * Waits for a request's span, and for those of its calls, of which each may be the last to end.
     *
     * @param calls the ids of the calls' spans
     */
    List<SpanData> next(List<String> calls) throws InterruptedException {
        List<SpanData> next = new ArrayList<>();
        while (next.stream().noneMatch(span -> span.getKind() == SpanKind.SERVER)
                || !next.stream().map(SpanData::getSpanId).toList().containsAll(calls)) {
            SpanData span = spans.poll(60, TimeUnit.SECONDS);
            if (span == null) {
                throw new IllegalStateException("no further span came after " + next);
            }
            next.add(span);
        }
        return next;
    }

    @Override
    public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        return CompletableResultCode.ofSuccess();
    }
}
