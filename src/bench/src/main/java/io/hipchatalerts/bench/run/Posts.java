package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.Target;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.RedisServer;
import java.time.Duration;
import java.util.List;

/**
 * The posts to one process with state changes only: first alerts, alerts that change nothing, and alerts that are sent.
 * The bare function knows one kind.
 */
record Posts(Load load, Target first, Target suppressed, Target sent) implements AutoCloseable {

    static Posts to(Plan plan, Program program, int ids) {
        int port = program.port();
        return new Posts(
                plan.load(program), Target.first(port, 0), Target.unchanged(port, ids), Target.changed(port, ids));
    }

    static Posts toBare(Plan plan, Program program) {
        Target answered = Target.answered(program.port());
        return new Posts(plan.load(program), answered, answered, answered);
    }

    /** Lets the program keep one alert in Redis, to be copied; returns its key. */
    static String learn(Plan plan, Program program, RedisServer redis) throws InterruptedException {
        try (Target marked = Target.first(program.port(), RedisServer.MARK)) {
            plan.load(program).make(marked, 1, Plan.FILLING);
        }
        return redis.putAside();
    }

    Target of(String outcome) {
        return outcome.equals("sent") ? sent : suppressed;
    }

    Load.Closed flatOut(String outcome, Duration length) throws InterruptedException {
        return load.flatOut(of(outcome), Load.CALLERS, length);
    }

    void warmUp(Duration length) throws InterruptedException {
        flatOut("suppressed", length);
        flatOut("sent", length);
    }

    @Override
    public void close() {
        List.of(first, suppressed, sent).forEach(Target::close);
    }
}
