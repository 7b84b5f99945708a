package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.process.LambdaInstance;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Measures the life of an instance on AWS Lambda, all variants in turns, whose files are in a folder of their own. */
record ColdStarts(Plan plan, Map<String, Path> folders) {

    /** Lets a variant send some alerts and end, which makes a JDK write the AOT cache that its command names. */
    void train(Variant variant) throws Exception {
        try (FakeHipChat hipChat = Plan.hipChat();
                LambdaInstance instance = instance(variant, hipChat)) {
            for (int number = 0; number < Plan.TRAINING; number++) {
                instance.untilIdle();
                instance.invoke(number);
            }
            instance.untilIdle();
            Lives.expectEnd(plan, instance.child());
        }
    }

    void measure() throws Exception {
        for (int round = 0; round <= plan.starts(); round++) {
            Plan.say("instance " + round + " of " + plan.starts());
            for (Variant variant : plan.variants()) {
                // The first instance finds nothing in the page cache and is not counted.
                coldStart(variant, round == 0 ? new Rounds() : plan.rounds());
            }
        }
        for (Variant variant : plan.variants()) {
            packageSize(variant.name(), folders.get(variant.name()));
        }
    }

    private LambdaInstance instance(Variant variant, FakeHipChat hipChat) throws IOException {
        return new LambdaInstance(variant, folders.get(variant.name()).resolve("task"), hipChat, plan.mistakes());
    }

    /** Invokes it twice: the first invocation does the work that an init leaves for later. */
    private void coldStart(Variant variant, Rounds rounds) throws Exception {
        try (FakeHipChat hipChat = Plan.hipChat();
                LambdaInstance instance = instance(variant, hipChat)) {
            double init = instance.untilIdle() / 1e6;
            // At once: Lambda freezes an instance that waits.
            long resident = instance.child().residentBytes();
            double first = instance.invoke(0) / 1e6;
            instance.untilIdle();
            double second = instance.invoke(1) / 1e6;
            instance.untilIdle();
            long residentThen = instance.child().residentBytes();
            String name = variant.name();
            rounds.add("init", "ms", name, init);
            rounds.add("first invocation", "ms", name, first);
            rounds.add("init and first invocation", "ms", name, init + first);
            rounds.add("second invocation", "ms", name, second);
            rounds.addBytes("resident after init", name, resident);
            rounds.addBytes("resident after the second invocation", name, residentThen);
            plan.mistakes().expectMessages(hipChat);
        }
    }

    /** Adds the size of the zip, if one is delivered, and of what is unpacked. */
    private void packageSize(String variant, Path folder) throws IOException {
        Path delivered = folder.resolve("function.zip");
        long unpacked = Lives.size(folder);
        if (Files.exists(delivered)) {
            plan.rounds().addBytes("package", variant, Files.size(delivered));
            try (ZipFile zip = new ZipFile(delivered.toFile())) {
                unpacked = zip.stream().mapToLong(ZipEntry::getSize).sum();
            }
        }
        plan.rounds().addBytes("package, unpacked", variant, unpacked);
    }
}
