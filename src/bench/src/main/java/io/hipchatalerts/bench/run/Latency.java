package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.Target;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Measures what the function adds: the same message goes through it and straight to HipChat, in turns. */
record Latency(Plan plan, Variant variant) {

    /** The suffix of the column for the calls straight to HipChat. */
    private static final String STRAIGHT = ", straight";

    private static final List<Integer> CALLERS = List.of(1, 8, 32);

    /** Enough callers that one is free when the next alert of the steady load is due. */
    private static final int STEADY_CALLERS = 16;

    private static final int PER_SECOND = 50;
    private static final int SLOW_HIPCHAT = 50;

    static List<Rounds.Ratio> ratios(List<Variant> variants) {
        return variants.stream()
                .map(variant -> new Rounds.Ratio(variant.name(), variant.name() + STRAIGHT))
                .toList();
    }

    void measure() throws Exception {
        try (FakeHipChat hipChat = Plan.hipChat();
                Program program = Program.listening(variant, hipChat);
                Posts posts = Posts.to(plan, program, Alerts.IDS);
                Target sent = Target.sent(program.port());
                Target straight = Target.straight(hipChat.port())) {
            Load load = posts.load();
            load.make(posts.first(), Alerts.IDS, Plan.FILLING);
            Target suppressed = posts.suppressed();
            for (Target target : List.of(sent, suppressed, straight)) {
                load.flatOut(target, Load.CALLERS, plan.warmUp());
            }
            for (int callers : CALLERS) {
                flatOut("sent", load, sent, straight, callers);
                flatOut("suppressed", load, suppressed, straight, callers);
            }
            steady("sent, steady " + PER_SECOND + "/s", load, sent, straight);
            steady("suppressed, steady " + PER_SECOND + "/s", load, suppressed, straight);
            hipChat.reacts(Reaction.accepts().after(Duration.ofMillis(SLOW_HIPCHAT)));
            String slow = "sent, steady " + PER_SECOND + "/s, HipChat takes " + SLOW_HIPCHAT + " ms";
            steady(slow, load, sent, straight);
            plan.mistakes().expectMessages(hipChat);
        }
    }

    private void flatOut(String outcome, Load load, Target function, Target straight, int callers)
            throws InterruptedException {
        String name = outcome + ", flat out" + Plan.by(callers);
        for (int round = 0; round < plan.turns(); round++) {
            // In turns: at the same time, each would take the other's processor time.
            Load.Closed through = load.flatOut(function, callers, plan.slice());
            Load.Closed bare = load.flatOut(straight, callers, plan.slice());
            plan.rounds().addRate(name, variant.name(), through);
            plan.rounds().add(name, "alerts/s", variant.name() + STRAIGHT, bare.perSecond());
            addTimes(name, through.times(), bare.times());
        }
    }

    private void steady(String name, Load load, Target function, Target straight) throws InterruptedException {
        Duration length = Duration.ofSeconds(plan.isQuick() ? 2 : 20);
        Load.Steady both = load.steady(function, straight, STEADY_CALLERS, PER_SECOND, length);
        addTimes(name, both.function(), both.straight());
        plan.rounds().addTimes(name + ", generator late", variant.name() + STRAIGHT, both.late());
    }

    private void addTimes(String name, Histogram through, Histogram bare) {
        plan.rounds().addTimes(name, variant.name(), through);
        plan.rounds().addTimes(name, variant.name() + STRAIGHT, bare);
        if (name.startsWith("sent")) {
            plan.rounds().addAdded(name, variant.name(), through, bare);
        }
    }
}
