package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.load.LoadResult;
import io.hipchatalerts.bench.load.Target;
import io.hipchatalerts.bench.process.Program;
import java.time.Duration;

/**
 * The posts to one process with state changes only: first alerts, alerts that change nothing, and alerts that are sent.
 * The bare function knows one kind.
 */
record Posts(Load load, Target first, Target suppressed, Target sent) implements AutoCloseable {

    static Posts to(Plan plan, Program program, int ids) {
        int port = program.port();
        return new Posts(
                plan.load(program), Target.first(port), Target.unchanged(port, ids), Target.changed(port, ids));
    }

    static Posts toBare(Plan plan, Program program) {
        Target answered = Target.answered(program.port());
        return new Posts(plan.load(program), answered, answered, answered);
    }

    /** Makes a number of posts, and returns it. */
    long make(Target target, int number) throws InterruptedException {
        load.make(target, number, Effort.FILLING);
        return number;
    }

    Target of(String outcome) {
        return outcome.equals("sent") ? sent : suppressed;
    }

    LoadResult flatOut(String outcome, int callers, Duration length) throws InterruptedException {
        return load.flatOut(of(outcome), callers, length);
    }

    void warmUp(Duration length) throws InterruptedException {
        load.flatOut(suppressed, Load.CALLERS, length);
        load.flatOut(sent, Load.CALLERS, length);
    }

    @Override
    public void close() {
        first.close();
        suppressed.close();
        sent.close();
    }
}
