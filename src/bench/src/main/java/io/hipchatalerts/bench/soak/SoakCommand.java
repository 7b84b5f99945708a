package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Machine;
import io.hipchatalerts.bench.report.Table;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of the soak. */
@Command(
        name = "src/bench/soak",
        mixinStandardHelpOptions = true,
        description = "Runs two instances of the program while everything around them fails, and counts lost, repeated"
                + " and late changes.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:as promised",
            "1:something was lost, came out of order, or was repeated without an explanation",
            "2:a wrong option"
        })
public final class SoakCommand implements Callable<Integer> {

    static final List<String> LEVELS = List.of("OK", "INFO", "WARNING", "CRITICAL");

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "a smoke run of about 40 seconds")
    boolean quick;

    @Option(names = "--minutes", description = "how long alerts come in (${DEFAULT-VALUE})")
    private double minutes = 10;

    @Option(names = "--never-retry", description = "post each event once, and kill an instance every five seconds")
    private boolean neverRetry;

    @Option(
            names = "--storm",
            description = "instead: 300 changes a minute of so many alerts for a room that accepts 30")
    private Optional<Integer> storm;

    @Option(names = "--away", description = "instead: 1 000 alerts change while HipChat answers 503 for these seconds")
    private Optional<Integer> away;

    @Option(names = "--seed", description = "determines events and faults; processes interleave as they like")
    long seed = new SplittableRandom().nextInt(1_000_000);

    @Option(
            names = "--command",
            defaultValue = Variant.AS_BUILT,
            description = "NAME=COMMAND: another way to run the program, as for src/bench/run")
    Variant program;

    /** Runs the soak. */
    public static void main(String... arguments) {
        // An error would leave the other threads running, and a bug of another thread would be its own.
        Thread.setDefaultUncaughtExceptionHandler((thread, bug) -> {
            System.getLogger("soak").log(System.Logger.Level.ERROR, "A bug ends the soak", bug);
            System.exit(1);
        });
        System.exit(new CommandLine(new SoakCommand())
                .registerConverter(Variant.class, Variant::of)
                .execute(arguments));
    }

    /** Says what is going on, apart from the result, so that the result alone can be redirected. */
    static void say(String what) {
        System.err.println("# " + what);
    }

    /** Prints the alerts that are wrong, and a result with its verdict, which it returns. */
    boolean publish(List<History> wrong, Table table, boolean isRight) {
        PrintWriter out = spec.commandLine().getOut();
        wrong.forEach(out::println);
        table.add("result", isRight ? "as promised" : "NOT AS PROMISED");
        out.println("\n" + table.markdown());
        return isRight;
    }

    /** Returns how long alerts come in. */
    Duration length() {
        return quick ? Duration.ofSeconds(20) : Duration.ofMillis((long) (60_000 * minutes));
    }

    @Override
    public Integer call() throws Exception {
        spec.commandLine().getOut().println(Machine.line() + "; seed " + seed);
        boolean isRight = away.isPresent()
                ? new Away(this, Duration.ofSeconds(away.get())).run()
                : storm.isPresent() ? new Storm(this, storm.get()).run() : new Faults(this, !neverRetry).run();
        return isRight ? 0 : 1;
    }
}
