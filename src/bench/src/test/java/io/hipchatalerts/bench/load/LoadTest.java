package io.hipchatalerts.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadTest {

    private final FakeHipChat hipChat = FakeHipChat.start();
    private final Mistakes mistakes = new Mistakes();
    private final Load load = new Load(mistakes, () -> 0);

    @AfterEach
    void stop() {
        hipChat.close();
    }

    @Test
    void aClosedLoopMakesAllCallsAndCountsEach() throws Exception {
        try (Target target = Target.straight(hipChat.port())) {
            Load.Closed result = load.make(target, 100, Duration.ofMinutes(1));

            assertThat(result.calls()).isEqualTo(100);
            assertThat(hipChat.openConnections()).isBetween(1, Load.CALLERS);
            mistakes.expectMessages(hipChat);
            assertThat(mistakes.none()).isTrue();
        }
    }

    @Test
    void aConnectionForEachCallIsClosedAfterIt() throws Exception {
        Target target = Target.straight(hipChat.port()).withConnectionEach();

        load.make(target, 50, Duration.ofMinutes(1));

        hipChat.awaitOpenConnections(0);
        assertThat(mistakes.none()).isTrue();
    }

    @Test
    void aWrongAnswerIsAMistake() throws Exception {
        hipChat.reacts(Reaction.answers(500));
        try (Target target = Target.straight(hipChat.port())) {
            load.make(target, 1, Duration.ofMinutes(1));
        }

        assertThat(mistakes.none()).isFalse();
        assertThat(mistakes.toString()).startsWith("1 mistakes").contains("Due was HTTP/1.1 204", "HTTP/1.1 500");
    }

    @Test
    void aStallCostsEachCallOfTheOpenLoopThatItKeepsWaiting() throws Exception {
        // given: one caller, a call due every 10 ms, and a stall of 300 ms at the first
        hipChat.reactsInTurn(Reaction.accepts().after(Duration.ofMillis(300)));
        try (Target function = Target.straight(hipChat.port());
                Target straight = Target.straight(hipChat.port())) {

            // when
            Load.Steady steady = load.steady(function, straight, 1, 50, Duration.ofMillis(200));

            // then: the calls that were due meanwhile count from their own moments
            assertThat(steady.function().getTotalCount()).isEqualTo(10);
            assertThat(steady.straight().getTotalCount()).isEqualTo(10);
            assertThat(steady.function().getMinNonZeroValue()).isGreaterThan(100_000_000);
            assertThat(steady.late().getValueAtPercentile(50)).isGreaterThan(100_000_000);
        }
    }
}
