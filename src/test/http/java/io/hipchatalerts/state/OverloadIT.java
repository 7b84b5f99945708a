package io.hipchatalerts.state;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged program with many more callers than workers, while HipChat hangs. Its heap has 96 MB. */
@Tag("exhaustive")
class OverloadIT {

    /** Three quarters of the 200 workers. */
    private static final int LIMIT = 150;

    private static final int CALLERS = 3 * LIMIT;
    private static final int WAVES = 3;
    private static final String TOO_MANY = "events under way";

    private final AtomicInteger mostAtOnce = new AtomicInteger();

    @Test
    @Timeout(240)
    void eventsBeyondTheLimitAreRejectedAndNoCallerWaitsForEver() throws Exception {
        Map<String, String> settings =
                Map.of("HIPCHAT_STATE_STORE", "memory", "HIPCHAT_DEADLINE", "15s", "HIPCHAT_REQUEST_TIMEOUT", "15s");
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(hipChat.url(), "redis://localhost", settings)
                        .started()) {
            hipChat.decides(request -> {
                mostAtOnce.accumulateAndGet(
                        (int) hipChat.requestCount() - hipChat.givenUp().size(), Math::max);
                return Reaction.hangs();
            });
            for (int wave = 0; wave < WAVES; wave++) {
                wave(hipChat, instance, wave);
            }

            // The instance then works as before.
            hipChat.reacts(Reaction.accepts());
            HttpResponse<String> after =
                    instance.send("after", 1, Level.CRITICAL, Level.OK).get(30, SECONDS);
            assertThat(after.statusCode()).as(after.body()).isEqualTo(200);
            assertThat(mostAtOnce).as("at HipChat at once").hasValueLessThanOrEqualTo(LIMIT);
            assertThat(instance.linesTo("id=\"after\""))
                    .noneMatch(line -> line.contains("OutOfMemoryError"))
                    .filteredOn(line -> line.contains(TOO_MANY) && line.contains(" WARN "))
                    .as("logged, but not for each event")
                    .hasSizeBetween(1, 5);
        }
    }

    private static void wave(FakeHipChat hipChat, Instance instance, int wave) throws Exception {
        double failedBefore = failed(instance);

        // when
        List<CompletableFuture<HttpResponse<String>>> deliveries = IntStream.range(0, CALLERS)
                .mapToObj(caller -> instance.send("wave-" + wave + "-" + caller, 1, Level.CRITICAL, Level.OK))
                .toList();

        // then
        hipChat.awaitRequests((wave + 1) * LIMIT);
        assertThat(instance.get("/q/health/live").get(10, SECONDS).statusCode()).isEqualTo(200);
        assertThat(instance.get("/q/health/ready").get(10, SECONDS).statusCode())
                .isEqualTo(200);
        assertThat(instance.get("/q/metrics").get(10, SECONDS).statusCode()).isEqualTo(200);

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
        hipChat.awaitGivenUp((wave + 1) * LIMIT);
    }

    private static double failed(Instance instance) throws Exception {
        return instance.metric("hipchat_alerts_total{reason=\"none\",status=\"failed\"}");
    }
}
