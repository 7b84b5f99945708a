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
import java.util.Map;

/**
 * Measures the cost of pending changes while nothing is wrong. The two programs run at the same time and are loaded in
 * turns. Each has a Redis of its own, which counts its calls and bytes.
 */
record PendingCost(Plan plan, String server) {

    static final List<Rounds.Ratio> RATIOS = List.of(new Rounds.Ratio("with pending", "without"));

    private static final int PAIRS = 4;

    /** One of the two programs and its Redis. */
    private record Side(String column, Posts posts, RedisServer redis) {}

    void measure(Variant variant) throws Exception {
        int ids = plan.effort().stored().get(0);
        try (FakeHipChat hipChat = plan.hipChat();
                RedisServer redisOff = new RedisServer(server);
                RedisServer redisOn = new RedisServer(server);
                Program off = Plan.listening(variant(variant, "without", false, redisOff), hipChat);
                Program on = Plan.listening(variant(variant, "with pending", true, redisOn), hipChat);
                Posts postsOff = Posts.to(plan, off, ids);
                Posts postsOn = Posts.to(plan, on, ids)) {
            fill("without", off, redisOff, ids);
            fill("with pending", on, redisOn, ids);
            postsOff.warmUp(plan.effort().warmUp());
            postsOn.warmUp(plan.effort().warmUp());
            Side without = new Side("without", postsOff, redisOff);
            Side with = new Side("with pending", postsOn, redisOn);
            // Many short rounds: other work on the machine then meets both of a pair alike.
            for (int round = 1; round <= PAIRS * plan.effort().rounds(); round++) {
                for (String outcome : List.of("suppressed", "sent")) {
                    // The leftovers of one load, such as a garbage collection, meet the other as often.
                    flatOut(outcome, round % 2 == 0 ? without : with);
                    flatOut(outcome, round % 2 == 0 ? with : without);
                }
            }
        }
    }

    private static Variant variant(Variant variant, String name, boolean isEnabled, RedisServer redis) {
        return variant.named(name)
                .with(redis.settings())
                .with(Map.of("HIPCHAT_PENDING_ENABLED", String.valueOf(isEnabled)));
    }

    private void fill(String column, Program program, RedisServer redis, int ids) throws Exception {
        plan.rounds().add("bytes that an alert takes", "B", column, redis.fill(redis.learn(program), ids));
    }

    private void flatOut(String outcome, Side side) throws InterruptedException {
        long calls = side.redis().calls();
        long bytes = side.redis().networkBytes();
        long serverCpu = side.redis().child().cpuNanos();
        Duration length = plan.effort().slice().dividedBy(2);
        LoadResult result = side.posts().flatOut(outcome, Load.CALLERS, length);
        double alerts = result.calls();
        Rounds rounds = plan.rounds();
        String column = side.column();
        RedisServer redis = side.redis();
        rounds.addRate(outcome, column, result);
        rounds.add(outcome + ": calls to Redis", "calls", column, (redis.calls() - calls) / alerts);
        rounds.add(outcome + ": bytes to and from Redis", "B", column, (redis.networkBytes() - bytes) / alerts);
        double cpu = redis.child().cpuNanos() - serverCpu;
        rounds.add(outcome + ": Redis' processor time", "us", column, cpu / 1e3 / alerts);
    }
}
