package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged program gets SIGTERM in the middle of a delivery. */
class StopIT {

    @Test
    @Timeout(300)
    void deliveriesUnderWayAreSentAndNewEventsAreRejected() throws Exception {
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(
                                hipChat.url(), "redis://localhost", Map.of("HIPCHAT_STATE_STORE", "memory"))
                        .started()) {
            // given
            hipChat.reactsInTurn(Reaction.accepts().onceReleased());
            CompletableFuture<HttpResponse<String>> delivery = instance.send("slow", 1, Level.CRITICAL, Level.OK);
            hipChat.awaitRequests(1);

            // when
            CompletableFuture<Integer> exitCode = instance.terminated();

            // then
            HttpResponse<String> refused = answerOfAStoppingInstance(instance);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(refused.body()).contains("shutting down");
            assertThat(delivery).isNotDone();

            hipChat.release();
            HttpResponse<String> sent = delivery.get(60, TimeUnit.SECONDS);
            assertThat(sent.statusCode()).as(sent.body()).isEqualTo(200);
            assertThat(sent.body()).contains("\"status\":\"sent\"");
            assertThat(exitCode.get(60, TimeUnit.SECONDS)).as("SIGTERM").isEqualTo(128 + 15);
        }
    }

    @Test
    @Timeout(300)
    void aPendingChangeThatIsBeingSentIsSentBeforeTheEnd() throws Exception {
        RedisProcess redis = RedisProcess.started();
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(
                                hipChat.url(), redis.address(), Map.of("HIPCHAT_PENDING_ENABLED", "true"))
                        .started()) {
            // given
            hipChat.reactsInTurn(
                    // The program must find that this is later, however busy the machine is.
                    Reaction.answers(503).retryAfter(Duration.ofSeconds(4)),
                    Reaction.accepts().onceReleased());
            assertThat(instance.send("later", 1, Level.CRITICAL, Level.OK)
                            .get(60, TimeUnit.SECONDS)
                            .body())
                    .contains("\"status\":\"pending\"");
            hipChat.awaitRequests(2);

            // when
            CompletableFuture<Integer> exitCode = instance.terminated();
            await().atMost(Duration.ofSeconds(60)).until(() -> isStopping(instance));
            hipChat.release();

            // then
            assertThat(exitCode.get(60, TimeUnit.SECONDS)).as("SIGTERM").isEqualTo(128 + 15);
            assertThat(instance.linesToItsEnd())
                    .as("its log")
                    .anyMatch(line -> line.contains("status=sent") && line.contains("pending-ms="));
        } finally {
            redis.stop();
        }
    }

    private static boolean isStopping(Instance instance) throws Exception {
        try {
            return instance.get("/q/health/live").get(60, TimeUnit.SECONDS).statusCode() != 200;
        } catch (ExecutionException gone) {
            return true;
        }
    }

    /** Returns the first answer that is not 200: the signal takes a moment to arrive. */
    private static HttpResponse<String> answerOfAStoppingInstance(Instance instance) throws Exception {
        for (int i = 0; ; i++) {
            HttpResponse<String> answer =
                    instance.send("new-" + i, 1, Level.CRITICAL, Level.OK).get(60, TimeUnit.SECONDS);
            if (answer.statusCode() != 200) {
                return answer;
            }
        }
    }
}
