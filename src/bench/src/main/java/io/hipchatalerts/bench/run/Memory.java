package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.Target;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.fake.FakeHipChat;
import java.time.Duration;
import java.util.List;

/** Measures heap, resident memory and processor time while more and more alerts come, one in ten of which is sent. */
record Memory(Plan plan, Variant variant) {

    void measure() throws Exception {
        Duration limit = Duration.ofSeconds(plan.isQuick() ? 10 : 100);
        List<Integer> steps = plan.isQuick() ? List.of(1_000, 2_000) : List.of(1_000, 10_000, 100_000);
        try (FakeHipChat hipChat = Plan.hipChat();
                Program program = Program.listening(variant, hipChat);
                Target mixed = Target.mixed(program.port())) {
            footprint(program, "before any alert");
            for (int alerts : steps) {
                long done = mixed.made();
                Load.Closed result = plan.load(program).make(mixed, alerts - done, limit);
                String range = "alerts " + (done + 1) + " to " + mixed.made() + ", 1 in 10 sent";
                plan.rounds().addRate(range, variant.name(), result);
                footprint(program, "after " + mixed.made() + " alerts");
            }
            plan.mistakes().expectMessages(hipChat);
        }
    }

    private void footprint(Program program, String when) throws Exception {
        // Resident first: a forced collection gives memory back that the program would have kept.
        plan.rounds()
                .addBytes("resident, " + when, variant.name(), program.child().residentBytes());
        long heap = program.heapBytesAfterCollection();
        plan.rounds().addBytes("heap after a collection, " + when, variant.name(), heap);
    }
}
