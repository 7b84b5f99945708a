package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.LoadResult;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.RedisServer;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Measures size, starts, memory and load of all variants in turns, so that other work on the machine meets all of them,
 * each time in a process of its own, so that no figure depends on one process.
 */
record Lives(Plan plan, Optional<String> server) {

    private static final String MEMORY = "memory";
    private static final List<Integer> CALLERS = List.of(1, 8, 64);

    /** Kapacitor makes a connection for each event, and posts one at a time; several may run at once. */
    private static final List<Integer> CONNECTING = List.of(1, 8);

    /** Returns the ratios to the bare function of the same kind and to the plain JVM. */
    static List<Rounds.Ratio> ratios(List<Variant> variants) {
        List<String> names = variants.stream().map(Variant::name).toList();
        List<Rounds.Ratio> ratios = new ArrayList<>();
        names.stream()
                .filter(name -> names.contains(Variant.BARE + name))
                .forEach(name -> ratios.add(new Rounds.Ratio(name, Variant.BARE + name)));
        variants.stream()
                .filter(variant -> !variant.isBare() && !variant.name().equals(Variant.PLAIN))
                .forEach(variant -> ratios.add(new Rounds.Ratio(variant.name(), Variant.PLAIN)));
        return ratios;
    }

    /** Lets a variant send some alerts and end, which makes a JDK write the AOT cache that its command names. */
    static void train(Plan plan, Variant variant) throws Exception {
        try (FakeHipChat hipChat = plan.hipChat();
                Program program = Plan.listening(variant, hipChat);
                Posts posts = posts(plan, variant, program, Effort.TRAINING)) {
            begin(posts, Effort.TRAINING);
            plan.expectEnd(variant, program.child());
        }
    }

    void measure() throws Exception {
        for (Variant variant : plan.variants()) {
            if (variant.files().isPresent()) {
                plan.rounds()
                        .addBytes("size", variant.name(), size(variant.files().get()));
            }
        }
        new Starts(plan).measure();
        for (int round = 1; round <= plan.effort().lives(); round++) {
            Plan.say("life " + round + " of " + plan.effort().lives());
            for (Variant variant : plan.variants()) {
                live(variant, MEMORY);
                if (server.isPresent() && !variant.isBare()) {
                    try (RedisServer redis = new RedisServer(server.get())) {
                        live(variant.with(redis.settings()), "Redis");
                    }
                }
            }
        }
    }

    /** Returns posts whose first two fifths are first alerts. */
    private static Posts posts(Plan plan, Variant variant, Program program, int alerts) {
        return variant.isBare() ? Posts.toBare(plan, program) : Posts.to(plan, program, alerts * 2 / 5);
    }

    /** Makes the posts at the beginning of a life; returns how many of them HipChat is to receive. */
    private static long begin(Posts posts, int alerts) throws InterruptedException {
        int rest = (alerts - alerts * 2 / 5) / 2;
        long due = posts.make(posts.first(), alerts * 2 / 5);
        posts.make(posts.suppressed(), rest);
        return due + posts.make(posts.sent(), rest);
    }

    private void live(Variant variant, String store) throws Exception {
        int alerts = plan.effort().firstAlerts();
        try (FakeHipChat hipChat = plan.hipChat();
                Program program = Plan.listening(variant, hipChat);
                Posts posts = posts(plan, variant, program, alerts)) {
            // The work that a start leaves behind goes on behind the open port.
            Thread.sleep(plan.effort().settling().toMillis());
            long idle = program.child().residentBytes();
            long due = begin(posts, alerts);
            if (store.equals(MEMORY)) {
                plan.rounds().addBytes("resident idle", variant.name(), idle);
                String after = "resident after " + alerts + " alerts";
                plan.rounds().addBytes(after, variant.name(), program.child().residentBytes());
            }
            load("suppressed", variant.name(), store, posts);
            due += load("sent", variant.name(), store, posts);
            String what = "notifications of " + variant.name() + ", " + store;
            plan.mistakes().expect(what, variant.isBare() ? 0 : due, hipChat.acceptedCount());
        }
    }

    /** Puts load on a process; returns the number of posts. */
    private long load(String outcome, String column, String store, Posts posts) throws InterruptedException {
        var slice = plan.effort().slice();
        var warmUp = plan.effort().warmUp().dividedBy(2);
        long calls = posts.flatOut(outcome, Load.CALLERS, warmUp).calls();
        for (int callers : CALLERS) {
            LoadResult result = posts.flatOut(outcome, callers, slice);
            plan.rounds().addRate(outcome + ", " + store + Plan.by(callers), column, result);
            calls += result.calls();
        }
        for (int callers : CONNECTING) {
            String load = outcome + ", " + store + ", a connection each" + Plan.by(callers);
            LoadResult result = posts.load().flatOut(posts.of(outcome).withConnectionEach(), callers, slice);
            plan.rounds().addTimes(load, column, result);
            plan.rounds().addRate(load, column, result);
            calls += result.calls();
        }
        return calls;
    }

    /** Returns the size of a file, or of all files in a folder. */
    static long size(Path delivered) throws IOException {
        try (Stream<Path> files = Files.walk(delivered)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
