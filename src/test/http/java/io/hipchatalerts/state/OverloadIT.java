package io.hipchatalerts.state;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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

    /** Longer than a busy machine needs to send the events of a wave. */
    private static final Duration DEADLINE = Duration.ofSeconds(45);

    @Test
    @Timeout(600)
    void eventsBeyondTheLimitAreRejectedAndNoCallerWaitsForEver() throws Exception {
        String deadline = DEADLINE.toSeconds() + "s";
        Map<String, String> settings = Map.of(
                "HIPCHAT_STATE_STORE", "memory", "HIPCHAT_DEADLINE", deadline, "HIPCHAT_REQUEST_TIMEOUT", deadline);
        long start = System.nanoTime();
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(hipChat.url(), "redis://localhost", settings)
                        .started()) {
            for (int wave = 0; wave < WAVES; wave++) {
                // The events of the last wave end at the deadline, those of the others at once.
                hipChat.reacts(
                        wave == WAVES - 1
                                ? Reaction.hangs()
                                : Reaction.answers(503)
                                        .retryAfter(Duration.ofHours(1))
                                        .onceReleased());
                wave(hipChat, instance, wave);
            }
            hipChat.awaitGivenUp(LIMIT);

            // The instance then works as before.
            hipChat.reacts(Reaction.accepts());
            HttpResponse<String> after =
                    instance.send("after", 1, Level.CRITICAL, Level.OK).get(60, SECONDS);
            assertThat(after.statusCode()).as(after.body()).isEqualTo(200);
            int minutes = (int) Duration.ofNanos(System.nanoTime() - start).toMinutes();
            assertThat(instance.linesTo("id=\"after\""))
                    .noneMatch(line -> line.contains("OutOfMemoryError"))
                    .filteredOn(line -> line.contains(TOO_MANY) && line.contains(" WARN "))
                    .as("logged, at most once a minute")
                    .hasSizeBetween(1, 1 + minutes);
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
        for (String path : List.of("/q/health/live", "/q/health/ready", "/q/metrics")) {
            assertThat(instance.get(path).get(30, SECONDS).statusCode())
                    .as(path)
                    .isEqualTo(200);
        }
        await().atMost(DEADLINE)
                .until(() ->
                        deliveries.stream().filter(CompletableFuture::isDone).count() == CALLERS - LIMIT);
        assertThat(hipChat.requestCount()).as("at HipChat at once").isEqualTo((wave + 1L) * LIMIT);

        hipChat.release();
        int rejected = 0;
        for (CompletableFuture<HttpResponse<String>> delivery : deliveries) {
            HttpResponse<String> answer = delivery.get(2 * DEADLINE.toSeconds(), SECONDS);
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
}
