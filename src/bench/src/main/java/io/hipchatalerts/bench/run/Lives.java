package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.process.Child;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.RedisServer;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures size, starts, memory and load of all variants in turns, so that other work on the machine meets all of them,
 * each time in a process of its own, so that no figure depends on one process.
 */
record Lives(Plan plan, Map<String, Path> files) {

    private static final String MEMORY = "memory";
    private static final List<Integer> CALLERS = List.of(1, 8, 64);

    /** Kapacitor makes a connection for each event, and posts one at a time; several may run at once. */
    private static final List<Integer> CONNECTING = List.of(1, 8);

    /** The longest time to end, with a cache to write. */
    private static final Duration TRAINED = Duration.ofMinutes(5);

    /** Returns the ratios to the bare function of the same kind and to the plain JVM. */
    static List<Rounds.Ratio> ratios(List<Variant> variants) {
        List<String> names = variants.stream().map(Variant::name).toList();
        Stream<Rounds.Ratio> toBare = names.stream()
                .filter(name -> names.contains(Variant.BARE + name))
                .map(name -> new Rounds.Ratio(name, Variant.BARE + name));
        Stream<Rounds.Ratio> toPlain = variants.stream()
                .filter(variant -> !variant.isBare() && !variant.name().equals(Variant.PLAIN))
                .map(variant -> new Rounds.Ratio(variant.name(), Variant.PLAIN));
        return Stream.concat(toBare, toPlain).toList();
    }

    /** Lets a variant send some alerts and end, which makes a JDK write the AOT cache that its command names. */
    void train(Variant variant) throws Exception {
        try (FakeHipChat hipChat = Plan.hipChat();
                Program program = Program.listening(variant, hipChat);
                Posts posts = posts(variant, program, Plan.TRAINING)) {
            begin(posts, Plan.TRAINING);
            expectEnd(plan, program.child());
        }
    }

    static void expectEnd(Plan plan, Child child) throws InterruptedException {
        if (!child.ends(TRAINED)) {
            plan.mistakes().add("No end by SIGTERM; see " + child.log());
        }
    }

    void measure() throws Exception {
        for (Map.Entry<String, Path> delivered : files.entrySet()) {
            plan.rounds().addBytes("size", delivered.getKey(), size(delivered.getValue()));
        }
        new Starts(plan).measure();
        for (int round = 1; round <= plan.lives(); round++) {
            Plan.say("life " + round + " of " + plan.lives());
            for (Variant variant : plan.variants()) {
                live(variant, MEMORY);
                if (!variant.isBare()) {
                    try (RedisServer redis = RedisServer.started()) {
                        live(variant.with(redis.settings()), "Redis");
                    }
                }
            }
        }
    }

    /** Returns posts whose first two fifths are first alerts. */
    private Posts posts(Variant variant, Program program, int alerts) {
        return variant.isBare() ? Posts.toBare(plan, program) : Posts.to(plan, program, alerts * 2 / 5);
    }

    /** Makes the posts at the beginning of a life. */
    private static void begin(Posts posts, int alerts) throws InterruptedException {
        int first = alerts * 2 / 5;
        posts.load().make(posts.first(), first, Plan.FILLING);
        posts.load().make(posts.suppressed(), (alerts - first) / 2, Plan.FILLING);
        posts.load().make(posts.sent(), (alerts - first) / 2, Plan.FILLING);
    }

    private void live(Variant variant, String store) throws Exception {
        int alerts = plan.isQuick() ? 2_500 : 10_000;
        try (FakeHipChat hipChat = Plan.hipChat();
                Program program = Program.listening(variant, hipChat);
                Posts posts = posts(variant, program, alerts)) {
            // The work that a start leaves behind goes on behind the open port, and nothing announces its end.
            Load.sleepUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(plan.isQuick() ? 200 : 1_000));
            long idle = program.child().residentBytes();
            begin(posts, alerts);
            if (store.equals(MEMORY)) {
                plan.rounds().addBytes("resident idle", variant.name(), idle);
                String after = "resident after " + alerts + " alerts";
                plan.rounds().addBytes(after, variant.name(), program.child().residentBytes());
            }
            load("suppressed", variant.name(), store, posts);
            load("sent", variant.name(), store, posts);
            plan.mistakes().expectMessages(hipChat);
        }
    }

    private void load(String outcome, String column, String store, Posts posts) throws InterruptedException {
        Load load = posts.load();
        posts.flatOut(outcome, plan.warmUp().dividedBy(2));
        for (int callers : CALLERS) {
            Load.Closed result = load.flatOut(posts.of(outcome), callers, plan.slice());
            plan.rounds().addRate(outcome + ", " + store + Plan.by(callers), column, result);
        }
        for (int callers : CONNECTING) {
            String name = outcome + ", " + store + ", a connection each" + Plan.by(callers);
            Load.Closed result = load.flatOut(posts.of(outcome).withConnectionEach(), callers, plan.slice());
            plan.rounds().addTimes(name, column, result.times());
            plan.rounds().addRate(name, column, result);
        }
    }

    /** Returns the size of a file, or of all files in a folder. */
    static long size(Path delivered) throws IOException {
        try (Stream<Path> all = Files.walk(delivered)) {
            return all.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
