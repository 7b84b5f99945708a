package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.LoadResult;
import io.hipchatalerts.bench.load.Target;
import io.hipchatalerts.bench.process.HipChats;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.fake.FakeHipChat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Measures what the function adds: the same message goes through it and straight to HipChat, in turns. */
record Latency(Plan plan, Variant variant) {

    /** The suffix of the column for the calls straight to HipChat. */
    static final String STRAIGHT = ", straight";

    private static final List<Integer> CALLERS = List.of(1, 8, 32);

    /** Enough callers that one is free when the next alert of the steady load is due. */
    private static final int STEADY_CALLERS = 16;

    private static final int PER_SECOND = 50;
    private static final int SLOW_HIPCHAT = 50;

    void measure() throws Exception {
        try (FakeHipChat hipChat = plan.hipChat();
                Program program = Plan.listening(variant, hipChat);
                Target sent = Target.sent(program.port());
                Target straight = Target.straight(hipChat.port());
                Target suppressed = fill(plan, program, hipChat)) {
            Load load = plan.load(program);
            for (Target target : List.of(sent, suppressed, straight)) {
                load.flatOut(target, Load.CALLERS, plan.effort().warmUp());
            }
            for (int callers : CALLERS) {
                flatOut("sent", load, sent, straight, callers, hipChat);
                flatOut("suppressed", load, suppressed, straight, callers, hipChat);
            }
            steady("sent", load, sent, straight, plan.delay(), hipChat);
            steady("suppressed", load, suppressed, straight, plan.delay(), hipChat);
            HipChats.delay(hipChat, SLOW_HIPCHAT);
            steady("sent", load, sent, straight, SLOW_HIPCHAT, hipChat);
        }
    }

    /** Makes the store know {@code --remembered} alerts; returns further events of them, which change nothing. */
    static Target fill(Plan plan, Program program, FakeHipChat hipChat) throws InterruptedException {
        Load load = plan.load(program);
        AtomicLong counter = new AtomicLong();
        int ids = Math.min(plan.remembered(), Alerts.SENT_IDS);
        long before = hipChat.acceptedCount();
        try (Target first = Target.repeating(program.port(), plan.remembered(), counter, "sent")) {
            load.make(first, ids, Effort.FILLING);
        }
        plan.mistakes().expect("notifications while the store was filled", ids, hipChat.acceptedCount() - before);
        Target more = Target.repeating(program.port(), plan.remembered(), counter, "suppressed");
        load.make(more, plan.remembered() - (long) ids, Effort.FILLING);
        plan.mistakes().expect("alerts remembered", plan.remembered(), counter.get());
        return more;
    }

    private void flatOut(String outcome, Load load, Target function, Target straight, int callers, FakeHipChat hipChat)
            throws InterruptedException {
        String name = outcome + ", flat out" + Plan.by(callers) + named(plan.delay());
        for (int round = 0; round < plan.effort().rounds(); round++) {
            long before = hipChat.acceptedCount();
            // In turns: at the same time, each would take the other's processor time.
            LoadResult through = load.flatOut(function, callers, plan.effort().slice());
            LoadResult bare = load.flatOut(straight, callers, plan.effort().slice());
            plan.rounds().addRate(name, variant.name(), through);
            plan.rounds().add(name + ": benchmark's processor time", "us", variant.name(), through.ownCpuMicros());
            plan.rounds().addRate(name, variant.name() + STRAIGHT, new LoadResult(bare.times(), bare.elapsed(), 0, 0));
            record(outcome, name, through, bare, hipChat.acceptedCount() - before);
        }
    }

    private void steady(String outcome, Load load, Target function, Target straight, int delay, FakeHipChat hipChat)
            throws InterruptedException {
        long before = hipChat.acceptedCount();
        Load.Steady both = load.steady(
                function, straight, STEADY_CALLERS, PER_SECOND, plan.effort().steady());
        String name = outcome + ", steady " + PER_SECOND + "/s" + named(delay);
        record(outcome, name, both.function(), both.straight(), hipChat.acceptedCount() - before);
        plan.rounds().addTimes(name + ", generator late", variant.name() + STRAIGHT, both.late());
    }

    private static String named(int delay) {
        return delay == 0 ? "" : ", HipChat takes " + delay + " ms";
    }

    /** Records the times. A run that measured something else than it says is worth nothing, however fast it was. */
    private void record(String outcome, String name, LoadResult through, LoadResult bare, long accepted) {
        plan.rounds().addTimes(name, variant.name(), through);
        plan.rounds().addTimes(name, variant.name() + STRAIGHT, bare);
        boolean isSent = outcome.equals("sent");
        if (isSent) {
            plan.rounds().addAdded(name, variant.name(), through, bare);
        }
        long due = bare.calls() + (isSent ? through.calls() : 0);
        plan.mistakes().expect("notifications, " + name, due, accepted);
    }
}
