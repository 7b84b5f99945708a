package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.process.LambdaInstance;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Measures the life of an instance on AWS Lambda, all variants in turns. */
record ColdStarts(Plan plan) {

    /** Lets a variant send some alerts and end, which makes a JDK write the AOT cache that its command names. */
    static void train(Plan plan, Variant variant) throws Exception {
        try (FakeHipChat hipChat = plan.hipChat();
                LambdaInstance instance = new LambdaInstance(variant, hipChat, plan.mistakes())) {
            for (int number = 0; number < Effort.TRAINING; number++) {
                instance.untilIdle();
                instance.invoke(number);
            }
            instance.untilIdle();
            plan.expectEnd(variant, instance.child());
        }
    }

    void measure() throws Exception {
        for (int round = 0; round <= plan.effort().starts(); round++) {
            Plan.say("instance " + round + " of " + plan.effort().starts());
            for (Variant variant : plan.variants()) {
                // The first instance finds nothing in the page cache and is not counted.
                coldStart(variant, round == 0 ? new Rounds() : plan.rounds());
            }
        }
        for (Variant variant : plan.variants()) {
            if (variant.files().isPresent()) {
                packageSize(variant.name(), variant.files().get());
            }
        }
    }

    /** Invokes it twice: the first invocation does the work that an init leaves for later. */
    private void coldStart(Variant variant, Rounds rounds) throws Exception {
        try (FakeHipChat hipChat = plan.hipChat();
                LambdaInstance instance = new LambdaInstance(variant, hipChat, plan.mistakes())) {
            double init = instance.untilIdle() / 1e6;
            // At once: Lambda freezes an instance that waits.
            long resident = instance.child().residentBytes();
            double first = instance.invoke(0) / 1e6;
            instance.untilIdle();
            double second = instance.invoke(1) / 1e6;
            instance.untilIdle();
            String name = variant.name();
            rounds.add("init", "ms", name, init);
            rounds.add("first invocation", "ms", name, first);
            rounds.add("init and first invocation", "ms", name, init + first);
            rounds.add("second invocation", "ms", name, second);
            rounds.addBytes("resident after init", name, resident);
            rounds.addBytes(
                    "resident after the second invocation",
                    name,
                    instance.child().residentBytes());
            plan.mistakes().expect("notifications of " + name, variant.isBare() ? 0 : 2, hipChat.acceptedCount());
        }
    }

    private void packageSize(String variant, Path delivered) throws IOException {
        long unpacked = Lives.size(delivered);
        if (Files.isRegularFile(delivered)) {
            plan.rounds().addBytes("package", variant, unpacked);
            try (ZipFile zip = new ZipFile(delivered.toFile())) {
                unpacked = zip.stream().mapToLong(ZipEntry::getSize).sum();
            }
        }
        plan.rounds().addBytes("package, unpacked", variant, unpacked);
    }
}
