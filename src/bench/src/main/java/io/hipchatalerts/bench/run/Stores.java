package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.LoadResult;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.RedisServer;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures what Redis adds to the memory store, and whether that stays the same the more alerts it remembers. Redis is
 * emptied and filled for every number of alerts in every round: all numbers meet the same warm process and the same other
 * work on the machine. The memory store remembers as many as the smallest number.
 */
record Stores(Plan plan, String server) {

    private static final String MEMORY = "memory";
    private static final int CALLERS = 16;
    private static final int PER_SECOND = 100;

    /** Returns the ratios to the smallest number of alerts. */
    static List<Rounds.Ratio> ratios(Effort effort) {
        String least = String.valueOf(effort.stored().get(0));
        return effort.stored().stream()
                .skip(1)
                .map(size -> new Rounds.Ratio(String.valueOf(size), least))
                .toList();
    }

    void measure(Variant variant) throws Exception {
        int least = plan.effort().stored().get(0);
        try (RedisServer redis = new RedisServer(server);
                FakeHipChat hipChat = plan.hipChat();
                Program onMemory = Plan.listening(variant.named(MEMORY), hipChat);
                Program onRedis = Plan.listening(variant.named("redis").with(redis.settings()), hipChat);
                Posts memory = Posts.to(plan, onMemory, least)) {
            memory.make(memory.first(), least);
            memory.warmUp(plan.effort().warmUp());
            RedisServer.Filling filling = redis.learn(onRedis);
            redis.fill(filling, least);
            try (Posts posts = Posts.to(plan, onRedis, least)) {
                posts.warmUp(plan.effort().warmUp());
            }
            for (int round = 1; round <= plan.effort().rounds(); round++) {
                Plan.say("round " + round + " of " + plan.effort().rounds());
                for (int size : plan.effort().stored()) {
                    plan.rounds().add("bytes of an alert in Redis", "B", "" + size, redis.fill(filling, size));
                    try (Posts posts = Posts.to(plan, onRedis, size)) {
                        compare("" + size, "suppressed", memory, posts, redis, hipChat);
                        compare("" + size, "sent", memory, posts, redis, hipChat);
                    }
                    plan.mistakes().expect("keys in Redis", size, redis.jedis().dbSize());
                }
            }
        }
    }

    private void compare(
            String size, String outcome, Posts memory, Posts redis, RedisServer server, FakeHipChat hipChat)
            throws InterruptedException {
        long before = hipChat.acceptedCount();
        Duration slice = plan.effort().slice();
        // Not counted: the store's connections were closed while Redis was filled.
        LoadResult again = redis.flatOut(outcome, Load.CALLERS, slice.dividedBy(4));

        long serverCpu = server.child().cpuNanos();
        LoadResult flatOut = redis.flatOut(outcome, Load.CALLERS, slice);
        serverCpu = server.child().cpuNanos() - serverCpu;
        LoadResult base = memory.flatOut(outcome, Load.CALLERS, slice);
        plan.rounds().addRate(outcome, MEMORY, base);
        plan.rounds().addRate(outcome, size, flatOut);
        plan.rounds().add(outcome + ": Redis' processor time", "us", size, serverCpu / 1e3 / flatOut.calls());

        Load.Steady steady = redis.load()
                .steady(
                        redis.of(outcome),
                        memory.of(outcome),
                        CALLERS,
                        PER_SECOND,
                        plan.effort().storedSteady());
        plan.rounds().addTimes(outcome, MEMORY, steady.straight());
        plan.rounds().addTimes(outcome, size, steady.function());
        plan.rounds().addAdded(outcome, size, steady.function(), steady.straight());
        long calls = Stream.of(again, steady.function(), steady.straight(), flatOut, base)
                .mapToLong(LoadResult::calls)
                .sum();
        long due = outcome.equals("sent") ? calls : 0;
        plan.mistakes().expect("notifications, " + outcome + ", " + size, due, hipChat.acceptedCount() - before);
    }
}
