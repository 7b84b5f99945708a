package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.Mistakes;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import java.time.Duration;
import java.util.List;

/**
 * All that the measurements share. Count and time are both bounded, so that a slow machine ends in time too.
 *
 * @param variants the variants to measure
 * @param isQuick whether figures may say little
 * @param mistakes the wrong answers of all measurements
 * @param rounds the figures of all measurements
 */
record Plan(List<Variant> variants, boolean isQuick, Mistakes mistakes, Rounds rounds) {

    /** The alerts of a training life, which makes a JDK write an AOT cache. */
    static final int TRAINING = 500;

    /** The longest time to send first alerts; a store that does not know them by then counts as a mistake. */
    static final Duration FILLING = Duration.ofMinutes(15);

    /** Says what is going on, apart from the result, so that the result alone can be redirected. */
    static void say(String what) {
        System.err.println("# " + what);
    }

    /** Returns the number of starts of each variant. */
    int starts() {
        return isQuick ? 2 : 10;
    }

    /** Returns the number of rounds of each load. */
    int turns() {
        return isQuick ? 1 : 5;
    }

    /** Returns the number of lives of each variant. */
    int lives() {
        return isQuick ? 1 : 3;
    }

    /** Returns the length of a load before it is measured. */
    Duration warmUp() {
        return Duration.ofMillis(isQuick ? 500 : 8_000);
    }

    /** Returns the length of a round's load. */
    Duration slice() {
        return Duration.ofMillis(isQuick ? 500 : 1_000);
    }

    /** Returns a HipChat that accepts every message and only counts them. */
    static FakeHipChat hipChat() {
        FakeHipChat hipChat = FakeHipChat.start();
        hipChat.countOnly();
        return hipChat;
    }

    Load load(Program program) {
        return new Load(mistakes, program.child()::cpuNanos);
    }

    static String by(int callers) {
        return callers == 1 ? ", 1 caller" : ", " + callers + " callers";
    }
}
