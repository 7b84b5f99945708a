package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.LoadResult;
import io.hipchatalerts.bench.load.Target;
import io.hipchatalerts.bench.process.HipChats;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.util.concurrent.atomic.AtomicLong;

/** Measures heap, resident memory and processor time while more and more alerts come, one in ten of which is sent. */
record Memory(Plan plan, Variant variant) {

    void measure() throws Exception {
        AtomicLong counter = new AtomicLong();
        try (FakeHipChat hipChat = HipChats.accepting(0);
                Program program = Plan.listening(variant, hipChat);
                Target mixed = Target.mixed(program.port(), counter)) {
            Load load = plan.load(program);
            footprint(program, "before any alert");
            for (int alerts : plan.effort().alerts()) {
                long done = counter.get();
                long before = hipChat.acceptedCount();
                LoadResult result =
                        load.make(mixed, alerts - done, plan.effort().limit());
                String range = "alerts " + (done + 1) + " to " + counter + ", 1 in 10 sent";
                plan.rounds().addRate(range, variant.name(), result);
                long due = Alerts.changes(done, counter.get());
                plan.mistakes().expect("notifications, " + range, due, hipChat.acceptedCount() - before);
                footprint(program, "after " + counter + " alerts");
            }
        }
        if (plan.remembered() > Alerts.SENT_IDS) {
            // A process of its own: the alerts above would stand between two stores of different size.
            try (FakeHipChat hipChat = HipChats.accepting(0);
                    Program program = Plan.listening(variant, hipChat);
                    Target more = Latency.fill(plan, program, hipChat)) {
                plan.load(program).make(more, 1, Effort.FILLING);
                footprint(program, plan.remembered() + " alerts remembered");
            }
        }
    }

    private void footprint(Program program, String when) throws Exception {
        // Resident first: a forced collection gives memory back that the program would have kept.
        Rounds rounds = plan.rounds();
        rounds.addBytes("resident, " + when, variant.name(), program.child().residentBytes());
        rounds.addBytes("heap after a collection, " + when, variant.name(), program.heapBytesAfterCollection());
    }
}
