package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.RedisServer;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.time.Duration;
import java.util.List;

/**
 * Measures what Redis adds to the memory store, and whether that stays the same the more alerts it remembers. Redis is
 * emptied and filled for every number of alerts in every round: all numbers meet the same warm process and the same other
 * work on the machine. The memory store remembers as many as the smallest number.
 */
record Stores(Plan plan) {

    private static final String MEMORY = "memory";
    private static final int LEAST = 1_000;
    private static final int CALLERS = 16;
    private static final int PER_SECOND = 100;

    private List<Integer> sizes() {
        return plan.isQuick() ? List.of(LEAST, 10_000) : List.of(LEAST, 100_000, 1_000_000);
    }

    /** Returns the ratios to the smallest number of alerts. */
    List<Rounds.Ratio> ratios() {
        return sizes().stream()
                .skip(1)
                .map(size -> new Rounds.Ratio("" + size, "" + LEAST))
                .toList();
    }

    void measure(Variant variant) throws Exception {
        try (RedisServer redis = RedisServer.started();
                FakeHipChat hipChat = Plan.hipChat();
                Program onMemory = Program.listening(variant.named(MEMORY), hipChat);
                Program onRedis = Program.listening(variant.named("redis").with(redis.settings()), hipChat);
                Posts memory = Posts.to(plan, onMemory, LEAST)) {
            memory.load().make(memory.first(), LEAST, Plan.FILLING);
            memory.warmUp(plan.warmUp());
            String key = Posts.learn(plan, onRedis, redis);
            redis.fill(key, LEAST);
            try (Posts posts = Posts.to(plan, onRedis, LEAST)) {
                posts.warmUp(plan.warmUp());
            }
            for (int round = 1; round <= plan.turns(); round++) {
                Plan.say("round " + round + " of " + plan.turns());
                for (int size : sizes()) {
                    plan.rounds().add("bytes of an alert in Redis", "B", "" + size, redis.fill(key, size));
                    try (Posts posts = Posts.to(plan, onRedis, size)) {
                        compare("" + size, "suppressed", memory, posts, redis);
                        compare("" + size, "sent", memory, posts, redis);
                    }
                    plan.mistakes().expect("alerts in Redis", size, redis.alerts());
                }
            }
            plan.mistakes().expectMessages(hipChat);
        }
    }

    private void compare(String size, String outcome, Posts memory, Posts posts, RedisServer redis)
            throws InterruptedException {
        Rounds rounds = plan.rounds();
        // Not counted: the store's connections were closed while Redis was filled.
        posts.flatOut(outcome, plan.slice().dividedBy(4));

        double cpu = redis.cpuMicros();
        Load.Closed flatOut = posts.flatOut(outcome, plan.slice());
        cpu = redis.cpuMicros() - cpu;
        rounds.addRate(outcome, MEMORY, memory.flatOut(outcome, plan.slice()));
        rounds.addRate(outcome, size, flatOut);
        rounds.add(outcome + ": Redis' processor time", "us", size, cpu / flatOut.calls());

        Duration length = Duration.ofSeconds(plan.isQuick() ? 1 : 4);
        Load.Steady steady = posts.load().steady(posts.of(outcome), memory.of(outcome), CALLERS, PER_SECOND, length);
        rounds.addTimes(outcome, MEMORY, steady.straight());
        rounds.addTimes(outcome, size, steady.function());
        rounds.addAdded(outcome, size, steady.function(), steady.straight());
    }
}
