package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Mistakes;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.bench.report.Machine;
import io.hipchatalerts.bench.report.Rounds;
import io.hipchatalerts.bench.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of the measurements. */
@Command(
        name = "src/bench/run",
        mixinStandardHelpOptions = true,
        description = "Measures the running program from outside. The table goes to standard output and target/bench.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:all answers and messages were right, however long they took",
            "1:a wrong answer, too many or too few messages, or a program that does not run",
            "2:a wrong option"
        })
public final class RunCommand implements Callable<Integer> {

    private static final DateTimeFormatter FILE_NAME =
            DateTimeFormatter.ofPattern("'bench-'yyyyMMdd'T'HHmmss'Z.csv'").withZone(ZoneOffset.UTC);

    private enum What {
        starts,
        latency,
        memory
    }

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "a smoke run, under a minute; its figures say little")
    private boolean quick;

    @Option(names = "--only", description = "${COMPLETION-CANDIDATES}; may be given more than once")
    private Set<What> only = Set.of(What.values());

    @Option(
            names = "--variant",
            defaultValue = Variant.AS_BUILT,
            description = "NAME=COMMAND: another way to run the program; may be given more than once. The command may"
                    + " begin with settings KEY=VALUE. A command \"java\" is the JDK of this run")
    private List<Variant> variants;

    @Option(
            names = "--redis",
            description = "measures state changes only over Redis, with more and more remembered alerts, beside the"
                    + " memory store")
    private boolean redis;

    @Option(names = "--pending", description = "with --redis: measures the cost of pending changes instead")
    private boolean pending;

    @Option(names = "--compare", description = "measures all variants in turns; writes variants.csv to this folder")
    private Optional<Path> comparison;

    @Option(names = "--lambda", description = "measures all variants on AWS Lambda, in turns; writes lambda.csv there")
    private Optional<Path> lambda;

    @Option(names = "--files", description = "NAME=PATH: what is delivered of a variant; on AWS Lambda, its folder")
    private Map<String, Path> files = new LinkedHashMap<>();

    @Option(names = "--note", description = "a line above the table; may be given more than once")
    private List<String> notes = List.of();

    @Option(names = "--train", description = "only lets each variant send some alerts, for the JDK's AOT cache")
    private boolean train;

    /** Runs the measurements. */
    public static void main(String... arguments) {
        // Read once, when the server's classes load: a Runtime API that waits for acknowledgements looks like a slow
        // program.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.exit(new CommandLine(new RunCommand())
                .registerConverter(Variant.class, Variant::of)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Plan plan = new Plan(variants, quick, new Mistakes(), new Rounds());
        Path csv = Path.of("target", "bench", FILE_NAME.format(Instant.now()));
        String machine = Machine.line();
        if (train) {
            train(plan);
        } else if (lambda.isPresent()) {
            new ColdStarts(plan, files).measure();
            publish(plan, machine, lambda.get().resolve("lambda.csv"), Lives.ratios(variants));
        } else if (comparison.isPresent()) {
            new Lives(plan, files).measure();
            publish(plan, machine, comparison.get().resolve("variants.csv"), Lives.ratios(variants));
        } else if (redis && pending) {
            new PendingCost(plan).measure(variants.get(0));
            publish(plan, machine, csv, PendingCost.RATIOS);
        } else if (redis) {
            Stores stores = new Stores(plan);
            stores.measure(variants.get(0));
            publish(plan, machine, csv, stores.ratios());
        } else {
            run(plan);
            publish(plan, machine, csv, Latency.ratios(variants));
        }
        if (plan.mistakes().none()) {
            return 0;
        }
        System.err.println(plan.mistakes());
        return 1;
    }

    private void train(Plan plan) throws Exception {
        for (Variant variant : variants) {
            Plan.say(variant.name() + ": training");
            if (lambda.isPresent()) {
                new ColdStarts(plan, files).train(variant);
            } else {
                new Lives(plan, files).train(variant);
            }
        }
    }

    private void run(Plan plan) throws Exception {
        if (only.contains(What.starts)) {
            new Starts(plan).measure();
        }
        for (Variant variant : variants) {
            if (only.contains(What.latency)) {
                Plan.say(variant.name() + ": latency");
                new Latency(plan, variant).measure();
            }
            if (only.contains(What.memory)) {
                Plan.say(variant.name() + ": memory and processor");
                new Memory(plan, variant).measure();
            }
        }
    }

    private void publish(Plan plan, String machine, Path csv, List<Rounds.Ratio> ratios) throws IOException {
        List<String> head = new ArrayList<>(List.of(machine));
        head.add("medians of " + plan.starts() + " starts, " + plan.turns() + " rounds, " + plan.lives() + " lives");
        variants.forEach(variant -> head.add(variant.toString()));
        head.addAll(notes);
        Table table = plan.rounds().table(ratios, redis && !pending);
        Files.createDirectories(csv.toAbsolutePath().getParent());
        Files.writeString(csv, "# " + String.join("\n# ", head) + "\n" + table.csv());
        spec.commandLine()
                .getOut()
                .println("\n" + String.join("\n", head) + "\n\n" + table.markdown() + "\nWritten to " + csv);
    }
}
