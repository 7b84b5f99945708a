package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.bench.load.Call;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;

/** Measures starts: from the start of the process until it listens, and until HipChat has the first alert. */
record Starts(Plan plan) {

    void measure() throws IOException {
        // In turns, so that other work on the machine meets all variants.
        for (int round = 0; round <= plan.starts(); round++) {
            Plan.say("start " + round + " of " + plan.starts());
            for (Variant variant : plan.variants()) {
                // The first start finds nothing in the page cache and is not counted.
                start(variant, round == 0 ? new Rounds() : plan.rounds());
            }
        }
    }

    private static void start(Variant variant, Rounds rounds) throws IOException {
        try (FakeHipChat hipChat = Plan.hipChat();
                Program program = new Program(variant, hipChat)) {
            Call alert = Call.post(program.port(), Alerts.STATELESS, Alerts.event(0, 0, "CRITICAL"), "");
            // The first answer of a bare function counts as its first alert sent.
            long sent = program.untilAnswered(alert, () -> variant.isBare() || hipChat.acceptedCount() > 0);
            rounds.add("start to listening", "ms", variant.name(), program.listeningAfter() / 1e6);
            rounds.add("start to first alert sent", "ms", variant.name(), sent / 1e6);
        }
    }
}
