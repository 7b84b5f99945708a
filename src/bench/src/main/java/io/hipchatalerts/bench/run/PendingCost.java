package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.RedisServer;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.util.List;
import java.util.Map;

/**
 * Measures the cost of pending changes while nothing is wrong. The two programs run at the same time and are loaded in
 * turns. Each has a Redis of its own, which counts its calls and bytes.
 */
record PendingCost(Plan plan) {

    private static final String WITHOUT = "without";
    private static final String WITH = "with pending";
    private static final int PAIRS = 4;

    static final List<Rounds.Ratio> RATIOS = List.of(new Rounds.Ratio(WITH, WITHOUT));

    /** One of the two programs and its Redis. */
    private record Side(String column, Posts posts, RedisServer redis) {}

    void measure(Variant variant) throws Exception {
        try (FakeHipChat hipChat = Plan.hipChat();
                RedisServer redisOff = RedisServer.started();
                RedisServer redisOn = RedisServer.started();
                Program off = listening(variant, WITHOUT, redisOff, hipChat);
                Program on = listening(variant, WITH, redisOn, hipChat);
                Posts postsOff = Posts.to(plan, off, Alerts.IDS);
                Posts postsOn = Posts.to(plan, on, Alerts.IDS)) {
            fill(WITHOUT, off, redisOff);
            fill(WITH, on, redisOn);
            postsOff.warmUp(plan.warmUp());
            postsOn.warmUp(plan.warmUp());
            Side without = new Side(WITHOUT, postsOff, redisOff);
            Side with = new Side(WITH, postsOn, redisOn);
            // Many short rounds: other work on the machine then meets both of a pair alike.
            for (int round = 1; round <= PAIRS * plan.turns(); round++) {
                for (String outcome : List.of("suppressed", "sent")) {
                    // The leftovers of one load, such as a garbage collection, meet the other as often.
                    flatOut(outcome, round % 2 == 0 ? without : with);
                    flatOut(outcome, round % 2 == 0 ? with : without);
                }
            }
            plan.mistakes().expectMessages(hipChat);
        }
    }

    private static Program listening(Variant variant, String name, RedisServer redis, FakeHipChat hipChat)
            throws Exception {
        Map<String, String> pending = Map.of("HIPCHAT_PENDING_ENABLED", String.valueOf(name.equals(WITH)));
        return Program.listening(variant.named(name).with(redis.settings()).with(pending), hipChat);
    }

    private void fill(String column, Program program, RedisServer redis) throws InterruptedException {
        String key = Posts.learn(plan, program, redis);
        plan.rounds().add("bytes that an alert takes", "B", column, redis.fill(key, Alerts.IDS));
    }

    private void flatOut(String outcome, Side side) throws InterruptedException {
        RedisServer redis = side.redis();
        double calls = redis.calls();
        double bytes = redis.networkBytes();
        double cpu = redis.cpuMicros();
        Load.Closed result = side.posts().flatOut(outcome, plan.slice().dividedBy(2));
        double alerts = result.calls();
        plan.rounds().addRate(outcome, side.column(), result);
        add(outcome + ": calls to Redis", "calls", side, (redis.calls() - calls) / alerts);
        add(outcome + ": bytes to and from Redis", "B", side, (redis.networkBytes() - bytes) / alerts);
        add(outcome + ": Redis' processor time", "us", side, (redis.cpuMicros() - cpu) / alerts);
    }

    private void add(String measure, String unit, Side side, double value) {
        plan.rounds().add(measure, unit, side.column(), value);
    }
}
