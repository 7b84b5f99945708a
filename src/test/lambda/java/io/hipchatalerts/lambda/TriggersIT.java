package io.hipchatalerts.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The triggers, with {@code function.zip} run as AWS runs it: one process for all, as an instance of a function is. */
@Timeout(300)
class TriggersIT extends TriggersContract {

    private static FakeHipChat hipChat;
    private static RuntimeApi api;
    private static FunctionProcess process;

    @BeforeAll
    static void start() {
        hipChat = FakeHipChat.start();
        api = new RuntimeApi();
        process = new FunctionProcess(
                api,
                HipChatResource.settings(
                        hipChat,
                        Map.of(
                                "hipchat.global", "true",
                                "hipchat.deadline", DEADLINE,
                                "hipchat.request-timeout", DEADLINE)));
    }

    @AfterAll
    static void stop() {
        process.close();
        api.close();
        hipChat.close();
    }

    @Override
    Function function() {
        return api;
    }

    @Override
    FakeHipChat hipChat() {
        return hipChat;
    }

    @Test
    void everyLineOfAnInvocationHasItsId() {
        // Creates workers, which keep the log's context of this invocation.
        api.invoke(batchOf(20));

        api.invoke(batchOf(20));

        String id = api.lastRequestId();
        assertThat(process.linesOf(id)).hasSize(21).allMatch(line -> line.contains(id));
    }

    @Test
    void theMetricsAreOneLineOfJson() {
        api.invoke(Events.alert("metrics", REFUSING));

        assertThat(process.linesOf(api.lastRequestId()))
                .filteredOn(line -> line.contains("hipchat_alerts_total_refused"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(Events.parse(line)
                                    .path("hipchat_alerts_total_refused")
                                    .asInt())
                            .isEqualTo(1);
                    assertThat(Events.parse(line).path("FunctionName").asText()).isEqualTo("hipchat-alerts");
                });
    }

    @Test
    void everyFailedRecordIsInTheLogOnce() {
        api.invoke(Events.sqs(Map.of(
                "poison", "no alert at all",
                "refused", Events.alert("refused-once", REFUSING),
                "away", Events.alert("away-once", AWAY))));

        assertThat(process.linesOf(api.lastRequestId()))
                .satisfiesOnlyOnce(line -> assertThat(line).contains("message poison", "status=invalid"))
                .satisfiesOnlyOnce(line -> assertThat(line).contains("refused-once", "status=refused"))
                .satisfiesOnlyOnce(line -> assertThat(line).contains("away-once", "status=failed"))
                .noneMatch(line -> line.contains("\tat "))
                .noneMatch(line -> line.contains(HipChatResource.TOKEN));
    }
}
