package io.hipchatalerts.state;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Level;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many more callers than the packaged program has workers, while HipChat hangs. Its heap has 96 MB. */
class OverloadIT {

    /** Three quarters of the 200 workers. */
    private static final int LIMIT = 150;

    private static final int CALLERS = 3 * LIMIT;
    private static final int WAVES = 3;
    private static final String TOO_MANY = "events under way";

    private final Semaphore hanging = new Semaphore(0);
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private volatile boolean hangs = true;

    @Test
    @Timeout(240)
    void eventsBeyondTheLimitAreRejectedAndNoCallerWaitsForEver() throws Exception {
        Map<String, String> settings =
                Map.of("HIPCHAT_STATE_STORE", "memory", "HIPCHAT_DEADLINE", "15s", "HIPCHAT_REQUEST_TIMEOUT", "15s");
        try (RawHipChat hipChat = new RawHipChat(this::serve);
                Instance instance = Instance.starting(hipChat.address(), "redis://localhost", settings)
                        .started()) {
            for (int wave = 0; wave < WAVES; wave++) {
                wave(instance, wave);
            }

            // And then all is as ever.
            hangs = false;
            HttpResponse<String> after =
                    instance.tell("after", 1, Level.CRITICAL, Level.OK).get(30, SECONDS);
            assertThat(after.statusCode()).as(after.body()).isEqualTo(200);
            assertThat(mostAtOnce).as("at HipChat at once").hasValueLessThanOrEqualTo(LIMIT);
            assertThat(instance.lines())
                    .noneMatch(line -> line.contains("OutOfMemoryError"))
                    .filteredOn(line -> line.contains(TOO_MANY) && line.contains(" WARN "))
                    .as("said, but not each time")
                    .hasSizeBetween(1, 5);
        }
    }

    private void wave(Instance instance, int wave) throws Exception {
        double failedBefore = failed(instance);

        // when
        List<CompletableFuture<HttpResponse<String>>> deliveries = IntStream.range(0, CALLERS)
                .mapToObj(caller -> instance.tell("wave-" + wave + "-" + caller, 1, Level.CRITICAL, Level.OK))
                .toList();

        // then
        assertThat(hanging.tryAcquire(LIMIT, 14, SECONDS))
                .as("HipChat holds as many as may be")
                .isTrue();
        assertThat(instance.get("/q/health/live").get(5, SECONDS).statusCode()).isEqualTo(200);
        assertThat(instance.get("/q/health/ready").get(5, SECONDS).statusCode()).isEqualTo(200);
        assertThat(instance.get("/q/metrics").get(5, SECONDS).statusCode()).isEqualTo(200);

        int rejected = 0;
        for (CompletableFuture<HttpResponse<String>> delivery : deliveries) {
            HttpResponse<String> answer = delivery.get(30, SECONDS);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            if (answer.body().contains(TOO_MANY)) {
                rejected++;
            }
        }
        assertThat(rejected).as("rejected in wave %d", wave).isEqualTo(CALLERS - LIMIT);
        assertThat(failed(instance) - failedBefore).as("counted, each of them").isEqualTo(CALLERS);
    }

    private static double failed(Instance instance) throws Exception {
        return instance.metric("hipchat_alerts_total{reason=\"none\",status=\"failed\"}");
    }

    private void serve(RawHipChat.Call call) throws IOException {
        if (hangs) {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            hanging.release();
            try {
                call.hangs();
            } finally {
                atOnce.decrementAndGet();
            }
        } else {
            call.answers(204);
        }
    }
}
