package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.Mistakes;
import io.hipchatalerts.bench.process.Child;
import io.hipchatalerts.bench.process.HipChats;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.util.List;

/**
 * All that the measurements share.
 *
 * @param variants the variants to measure
 * @param effort how much of everything
 * @param remembered the alerts that the store knows when suppressed ones are measured
 * @param delay HipChat's answer time in milliseconds
 * @param mistakes the wrong answers of all measurements
 * @param rounds the figures of all measurements
 */
record Plan(List<Variant> variants, Effort effort, int remembered, int delay, Mistakes mistakes, Rounds rounds) {

    /** Says what is going on, apart from the result, so that the result alone can be redirected. */
    static void say(String what) {
        System.err.println("# " + what);
    }

    FakeHipChat hipChat() {
        return HipChats.accepting(delay);
    }

    /** Starts a program and waits until it listens. */
    static Program listening(Variant variant, FakeHipChat hipChat) throws IOException {
        Program program = new Program(variant, hipChat);
        // If this fails, the benchmark ends, and with it the program.
        program.untilListening();
        return program;
    }

    Load load(Program program) {
        return new Load(mistakes, program.child()::cpuNanos);
    }

    void expectEnd(Variant variant, Child child) throws InterruptedException {
        if (!child.ends(Effort.TRAINED)) {
            mistakes.add(variant.name() + " does not end by SIGTERM");
        }
    }

    static String by(int callers) {
        return callers == 1 ? ", 1 caller" : ", " + callers + " callers";
    }
}
