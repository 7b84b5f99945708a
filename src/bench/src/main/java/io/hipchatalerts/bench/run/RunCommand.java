package io.hipchatalerts.bench.run;

import io.hipchatalerts.bench.load.Alerts;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

    @ArgGroup(exclusive = false, multiplicity = "0..*")
    private List<VariantOptions> variants = new ArrayList<>();

    @Option(names = "--remembered", description = "the alerts that the store knows when suppressed ones are measured")
    private int remembered = Alerts.SENT_IDS;

    @Option(names = "--delay", description = "HipChat's answer time in ms, in the rows that name none")
    private int delay;

    @Option(
            names = "--redis",
            arity = "0..1",
            fallbackValue = "",
            description =
                    "measures state changes only over Redis, with more and more remembered alerts, beside the memory"
                            + " store; starts this redis-server or valkey-server, the one on the PATH, or the tests' own")
    private Optional<String> redis;

    @Option(names = "--pending", description = "with --redis: measures the cost of pending changes instead")
    private boolean pending;

    @Option(names = "--compare", description = "measures all variants in turns; writes variants.csv to this folder")
    private Optional<Path> comparison;

    @Option(names = "--lambda", description = "measures all variants on AWS Lambda, in turns; writes lambda.csv there")
    private Optional<Path> lambda;

    @Option(names = "--note", description = "a line above the table; may be given more than once")
    private List<String> notes = List.of();

    @Option(names = "--train", description = "only lets each variant send some alerts, for the JDK's AOT cache")
    private boolean train;

    private static final class VariantOptions {

        @Option(
                names = "--variant",
                description =
                        "NAME=COMMAND: another way to run the program; may be given more than once, each time with"
                                + " its --env and --files. A command \"java\" is the JDK of this run")
        private Variant variant = Variant.of(Variant.PLAIN + "=" + Variant.AS_BUILT);

        @Option(names = "--env", description = "KEY=VALUE: a setting of the variant")
        private Map<String, String> env;

        @Option(names = "--files", description = "the file or folder that is delivered of the variant, for its size")
        private Path files;

        Variant variant() {
            // An initial map would be the same one for all variants.
            return variant.with(env == null ? Map.of() : env).delivering(Optional.ofNullable(files));
        }
    }

    /** Runs the measurements. */
    public static void main(String... arguments) {
        // Read once, when the server's classes load: a Runtime API that waits for acknowledgements looks like a slow
        // program.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.exit(commandLine(new RunCommand()).execute(arguments));
    }

    static CommandLine commandLine(RunCommand command) {
        return new CommandLine(command).registerConverter(Variant.class, Variant::of);
    }

    /** Returns the variants to measure: those of the options, or else the program as built. */
    List<Variant> variants() {
        List<VariantOptions> named = variants.isEmpty() ? List.of(new VariantOptions()) : variants;
        return named.stream().map(VariantOptions::variant).toList();
    }

    @Override
    public Integer call() throws Exception {
        if (remembered < 1 || delay < 0) {
            throw new ParameterException(spec.commandLine(), "--remembered is at least 1, and --delay at least 0");
        }
        Effort effort = quick ? Effort.QUICK : Effort.FULL;
        List<Variant> all = variants();
        Plan plan = new Plan(all, effort, remembered, delay, new Mistakes(), new Rounds());
        List<String> head = new ArrayList<>(List.of(Machine.line()));
        head.add("medians of " + effort.starts() + " starts, " + effort.rounds() + " rounds, " + effort.lives()
                + " lives");
        all.forEach(variant -> head.add(variant.name() + ": " + String.join(" ", variant.command())));
        head.addAll(notes);
        if (train) {
            for (Variant variant : all) {
                Plan.say(variant.name() + ": training");
                if (lambda.isPresent()) {
                    ColdStarts.train(plan, variant);
                } else {
                    Lives.train(plan, variant);
                }
            }
        } else {
            Path csv = Path.of("target", "bench", FILE_NAME.format(Instant.now()));
            if (lambda.isPresent()) {
                new ColdStarts(plan).measure();
                publish(lambda.get().resolve("lambda.csv"), head, plan.rounds().table(Lives.ratios(all), false));
            } else if (comparison.isPresent()) {
                new Lives(plan, redis).measure();
                publish(
                        comparison.get().resolve("variants.csv"),
                        head,
                        plan.rounds().table(Lives.ratios(all), false));
            } else if (redis.isPresent() && pending) {
                new PendingCost(plan, redis.get()).measure(all.get(0));
                publish(csv, head, plan.rounds().table(PendingCost.RATIOS, false));
            } else if (redis.isPresent()) {
                new Stores(plan, redis.get()).measure(all.get(0));
                publish(csv, head, plan.rounds().table(Stores.ratios(effort), true));
            } else {
                run(plan);
                publish(csv, head, plan.rounds().table(straight(all), false));
            }
        }
        if (plan.mistakes().none()) {
            return 0;
        }
        System.err.println(plan.mistakes());
        return 1;
    }

    private void run(Plan plan) throws Exception {
        if (only.contains(What.starts)) {
            new Starts(plan).measure();
        }
        for (Variant variant : plan.variants()) {
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

    private static List<Rounds.Ratio> straight(List<Variant> all) {
        return all.stream()
                .map(variant -> new Rounds.Ratio(variant.name(), variant.name() + Latency.STRAIGHT))
                .toList();
    }

    private static void publish(Path csv, List<String> head, Table table) throws IOException {
        Files.createDirectories(csv.toAbsolutePath().getParent());
        Files.writeString(csv, "# " + String.join("\n# ", head) + "\n" + table.csv());
        System.out.println("\n" + String.join("\n", head) + "\n\n" + table.markdown() + "\nWritten to " + csv);
    }
}
