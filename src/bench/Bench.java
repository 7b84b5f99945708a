import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Measures the running program from outside: how soon it sends its first alert, what it adds to HipChat's own answer
 * time, and what it needs of memory and processor. README.md beside it says how, and how to read the result.
 *
 * <p>One file, the JDK, and the HipChat of the tests, so that any checkout can run it on any machine that can run the
 * program.
 */
public final class Bench {

    private static final String HELP = """
            Usage: src/bench/run [options]
              --quick                 a smoke run, under a minute; its figures say little
              --only WHAT             starts, latency or memory; may be given more than once
              --variant NAME=COMMAND  another way to run the program, such as native=target/app-runner; may be given
                                      more than once. The command is split at spaces; "java" is the JDK of this run
              --env KEY=VALUE         a setting of the variant before it; without one, of the program as built
              --remembered N          alerts that the store knows already when suppressed ones are measured (1000)
              --delay MS              HipChat's own answer time in the rows that name none (0)
              --redis PATH            a redis-server or valkey-server: measures state changes only over it, with more
                                      and more remembered alerts, beside the memory store; and nothing else
              --pending               with --redis: measures hipchat.pending.enabled=true beside =false instead
              --side-by-side FOLDER   measures all variants in turns, with --redis over Redis too, and writes
                                      variants.csv and variants.svg there. The variant bare-NAME is the floor of NAME
              --lambda FOLDER         measures all variants as AWS Lambda runs them, in turns; writes lambda.csv there
              --files PATH            what is delivered of the variant before it, a file or a folder, for its size
              --note TEXT             a line to stand above the table; may be given more than once
              --train                 only lets each variant send some alerts and end, which makes a JDK write the
                                      AOT cache that the variant's command names
            Results: a table on standard output, the same as CSV in target/bench/.
            """;

    private static final Variant AS_BUILT = Variant.of("jvm=java -jar target/quarkus-app/quarkus-run.jar");
    private static final Path RESULTS = Path.of("target", "bench");

    /** Enough callers that none is still busy when the next alert of the steady load is due. */
    private static final int STEADY_CALLERS = 16;

    private static final double MIB = 1 << 20;

    private static final int ALERTS_PER_SECOND = 50;
    private static final int STORED_PER_SECOND = 100;
    private static final int SLOW_HIPCHAT = 50;
    private static final List<Integer> CALLERS = List.of(1, 8, 32);
    private static final List<Integer> CALLERS_SIDE_BY_SIDE = List.of(1, 8, 64);
    private static final int FILLING_CALLERS = 8;
    private static final int PAIRS = 4;
    private static final String OFF = "without";
    private static final String ON = "with pending";

    /** Only who asks for a big store waits for it; a store that is not full by then counts as a mistake. */
    private static final Duration FILLING_LIMIT = Duration.ofMinutes(15);

    private final Options options;
    private final Effort effort;
    private final Table table = Table.ofLoads();
    private final List<Table> storeTables = new ArrayList<>();
    private final Mistakes mistakes = new Mistakes();

    private Bench(Options options) {
        this.options = options;
        this.effort = options.quick() ? Effort.QUICK : Effort.FULL;
    }

    /** Runs what {@code arguments} ask for; exits with 1 when the program answered anything but what was due. */
    public static void main(String... arguments) throws Exception {
        if (List.of(arguments).contains("--help")) {
            System.out.print(HELP);
            return;
        }
        // Read once, when the server's classes load. A stand-in that hangs up on idle callers, or that waits for
        // their acknowledgements, would show as slowness of the program.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.idleInterval", "3600");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "2000");
        boolean right;
        try {
            right = new Bench(Options.of(arguments)).run();
        } catch (IllegalArgumentException misused) {
            System.err.println(misused.getMessage());
            System.err.print(HELP);
            System.exit(2);
            return;
        } catch (IllegalStateException broken) {
            System.err.println(broken.getMessage());
            right = false;
        }
        // Threads of the server would keep the process for a while.
        System.exit(right ? 0 : 1);
    }

    private boolean run() throws Exception {
        Files.createDirectories(RESULTS);
        String machine = Machine.line();
        if (options.train()) {
            train();
            return flawless();
        }
        if (options.lambda().isPresent()) {
            lambda(machine, options.lambda().orElseThrow());
            return flawless();
        }
        if (options.sideBySide().isPresent()) {
            sideBySide(machine, options.sideBySide().orElseThrow());
            return flawless();
        }
        for (Variant variant : options.variants()) {
            if (options.redis().isPresent()) {
                if (options.pending()) {
                    say(variant.name() + ": with and without pending changes");
                    pending(variant);
                } else {
                    say(variant.name() + ": Redis beside memory");
                    stores(variant);
                }
                continue;
            }
            if (options.measures("starts")) {
                say(variant.name() + ": starts");
                starts(variant);
            }
            if (options.measures("latency")) {
                say(variant.name() + ": latency");
                latency(variant);
            }
            if (options.measures("memory")) {
                say(variant.name() + ": memory and processor");
                memory(variant);
            }
        }
        Path csv = RESULTS.resolve("bench-"
                + DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(Instant.now())
                + ".csv");
        List<Table> results = options.redis().isPresent() ? storeTables : List.of(table);
        Files.writeString(
                csv, "# " + machine + "\n" + results.stream().map(Table::csv).collect(Collectors.joining()));
        System.out.println();
        System.out.println(machine);
        System.out.println();
        results.forEach(result -> System.out.println(result.text()));
        System.out.println("Written to " + csv);
        return flawless();
    }

    private boolean flawless() {
        if (mistakes.count() > 0) {
            System.err.println(mistakes);
        }
        return mistakes.count() == 0;
    }

    /** What is going on, apart from the result, so that the result alone can be redirected. */
    private static void say(String what) {
        System.err.println("# " + what);
    }

    // ---- The measurements ----

    private void starts(Variant variant) throws Exception {
        Samples listening = new Samples();
        Samples sent = new Samples();
        // The first start finds nothing in the page cache and is not counted.
        for (int i = 0; i <= effort.starts(); i++) {
            try (HipChatStandIn hipChat = new HipChatStandIn(options.delay());
                    Program program = Program.start(variant, hipChat)) {
                byte[] alert = Alerts.post(program.port(), "/hipchat", Alerts.event(0, 0, "CRITICAL"));
                long sentAt = program.untilAnswered(alert, () -> hipChat.accepted() > 0);
                if (i > 0) {
                    listening.add(program.listeningAfter());
                    sent.add(sentAt);
                }
            }
        }
        String load = effort.starts() + " starts";
        table.row(variant, "start to first alert sent", load)
                .ratio(sent.quantile(0.5), listening.quantile(0.5))
                .times(sent);
        table.row(variant, "start to listening", load).times(listening);
    }

    private void latency(Variant variant) throws Exception {
        try (HipChatStandIn hipChat = new HipChatStandIn(options.delay());
                Program program = Program.start(variant, hipChat)) {
            program.untilListening();
            AtomicLong counter = new AtomicLong();
            Target sent = Target.sent(program.port(), counter);
            Target suppressed = Target.suppressed(program.port(), options.remembered(), counter);
            Target straight = Target.straight(hipChat.port());

            Load load = new Load(mistakes, program);
            fill(load, program.port(), hipChat, counter);
            for (Target target : List.of(sent, suppressed, straight)) {
                load.flatOut(target, FILLING_CALLERS, Long.MAX_VALUE, effort.warmUp());
            }

            for (int callers : CALLERS) {
                flatOut(variant, load, "sent", sent, straight, callers, hipChat);
                flatOut(variant, load, "suppressed", suppressed, straight, callers, hipChat);
            }
            steady(variant, load, "sent", sent, straight, hipChat);
            steady(variant, load, "suppressed", suppressed, straight, hipChat);
            hipChat.delay(SLOW_HIPCHAT);
            steady(variant, load, "sent", sent, straight, hipChat);
            Stream.of(sent, suppressed, straight).forEach(Target::close);
        }
    }

    /** Makes the store know as many alerts as are asked for: a thousand sent ones, and quiet ones beyond those. */
    private void fill(Load load, int port, HipChatStandIn hipChat, AtomicLong counter) throws InterruptedException {
        int remembered = options.remembered();
        int ids = Math.min(remembered, Alerts.SENT_IDS);
        long before = hipChat.accepted();
        Target sent = Target.stateful(port, remembered, counter, "sent");
        load.flatOut(sent, FILLING_CALLERS, ids, FILLING_LIMIT);
        mistakes.expect("notifications while the store was filled", ids, hipChat.accepted() - before);
        Target quiet = Target.stateful(port, remembered, counter, "suppressed");
        load.flatOut(quiet, FILLING_CALLERS, remembered - (long) ids, FILLING_LIMIT);
        mistakes.expect("alerts remembered", remembered, counter.get());
        sent.close();
        quiet.close();
    }

    private void flatOut(
            Variant variant,
            Load load,
            String outcome,
            Target function,
            Target straight,
            int callers,
            HipChatStandIn hipChat)
            throws InterruptedException {
        long before = hipChat.accepted();
        // In turns, since side by side each would take the other's processor time.
        Load.Result through = Load.Result.NONE;
        Load.Result bare = Load.Result.NONE;
        for (int round = 0; round < effort.rounds(); round++) {
            through = through.and(load.flatOut(function, callers, Long.MAX_VALUE, effort.slice()));
            bare = bare.and(load.flatOut(straight, callers, Long.MAX_VALUE, effort.slice()));
        }
        String name = "flat out, " + callers + (callers == 1 ? " caller" : " callers") + hipChat.named();
        compare(variant, outcome, name, through, bare);
        expect(name, outcome, through, bare, hipChat.accepted() - before);
    }

    private void steady(
            Variant variant, Load load, String outcome, Target function, Target straight, HipChatStandIn hipChat)
            throws InterruptedException {
        long before = hipChat.accepted();
        Load.Steady both = load.steady(function, straight, STEADY_CALLERS, ALERTS_PER_SECOND, effort.steady());
        String name = "steady " + ALERTS_PER_SECOND + "/s" + hipChat.named();
        compare(variant, outcome, name, both.function(), both.straight());
        table.row(variant, "generator late", name).times(both.late());
        expect(name, outcome, both.function(), both.straight(), hipChat.accepted() - before);
    }

    private void compare(Variant variant, String outcome, String load, Load.Result through, Load.Result bare) {
        Samples function = through.times();
        Samples hipChat = bare.times();
        if (outcome.equals("sent")) {
            table.row(variant, "added to HipChat's answer time", load)
                    .ratio(function.quantile(0.5), hipChat.quantile(0.5))
                    .difference(function, hipChat);
            table.row(variant, "POST /hipchat, sent", load).result(through);
        } else {
            table.row(variant, "POST /hipchat, suppressed", load)
                    .ratio(function.quantile(0.5), hipChat.quantile(0.5))
                    .result(through);
        }
        table.row(variant, "straight to HipChat", load).result(bare);
    }

    /** A run that measured something else than it says is worth nothing, however fast it was. */
    private void expect(String load, String outcome, Load.Result through, Load.Result bare, long sent) {
        long due =
                bare.times().size() + (outcome.equals("sent") ? through.times().size() : 0);
        mistakes.expect("notifications, " + outcome + ", " + load, due, sent);
    }

    private void memory(Variant variant) throws Exception {
        try (HipChatStandIn hipChat = new HipChatStandIn(0);
                Program program = Program.start(variant, hipChat)) {
            program.untilListening();
            AtomicLong counter = new AtomicLong();
            Target mixed = Target.mixed(program.port(), counter);
            Load load = new Load(mistakes, program);
            footprint(variant, program, "before any alert", 0);
            long firstHeap = 0;
            long done = 0;
            for (int alerts : effort.alerts()) {
                long before = hipChat.accepted();
                Load.Result result = load.flatOut(mixed, FILLING_CALLERS, alerts - done, effort.limit());
                mistakes.expect(
                        "notifications up to alert " + counter,
                        Alerts.changes(done, counter.get()),
                        hipChat.accepted() - before);
                String range = "alerts " + (done + 1) + " to " + counter;
                table.row(variant, "POST /hipchat, 1 in 10 sent", range).result(result);
                done = counter.get();
                long heap = footprint(variant, program, "after " + done + " alerts", firstHeap);
                firstHeap = firstHeap == 0 ? heap : firstHeap;
            }
            mixed.close();
        }
        if (options.remembered() > Alerts.SENT_IDS) {
            // A process of its own: what the alerts above left behind would stand between two stores of different size.
            try (HipChatStandIn hipChat = new HipChatStandIn(0);
                    Program program = Program.start(variant, hipChat)) {
                program.untilListening();
                fill(new Load(mistakes, program), program.port(), hipChat, new AtomicLong());
                footprint(variant, program, options.remembered() + " alerts remembered", 0);
            }
        }
    }

    private long footprint(Variant variant, Program program, String when, long firstHeap) throws Exception {
        // Resident first: a forced collection gives memory back that the program would have kept.
        long resident = program.residentBytes();
        long heap = program.heapBytesAfterCollection();
        table.row(variant, "heap after a forced collection", when)
                .ratio(heap, firstHeap)
                .megabytes(heap);
        table.row(variant, "resident memory", when).megabytes(resident);
        return heap;
    }

    // ---- State changes only: Redis beside memory ----

    /** The program with one of the stores: its events that change nothing, and those that are sent. */
    record Side(Load load, Target unchanged, Target changed) implements AutoCloseable {

        static Side of(Load load, int port, int ids) {
            return new Side(load, Target.unchanged(port, ids), Target.changed(port, ids));
        }

        Target of(String outcome) {
            return outcome.equals("sent") ? changed : unchanged;
        }

        @Override
        public void close() {
            unchanged.close();
            changed.close();
        }
    }

    /**
     * Redis is emptied and filled anew for every number of alerts in every round: all numbers meet the same process,
     * equally warm, and what else happens on the machine meets them all. The memory store is there for comparison and
     * remembers as many as the smallest number.
     */
    private void stores(Variant variant) throws Exception {
        List<Integer> sizes = effort.stored();
        Rounds rounds = new Rounds();
        try (Redis redis = Redis.start(options.redis().orElseThrow());
                HipChatStandIn hipChat = new HipChatStandIn(options.delay());
                Program onMemory = Program.start(variant.named("memory"), hipChat);
                Program onRedis = Program.start(variant.named("redis").with(redis.settings()), hipChat)) {
            onMemory.untilListening();
            onRedis.untilListening();
            Load memoryLoad = new Load(mistakes, onMemory);
            Load redisLoad = new Load(mistakes, onRedis);
            Redis.Filling filling = redis.learn(onRedis);
            Target sent = Target.stateful(onMemory.port(), sizes.get(0), new AtomicLong(), "sent");
            memoryLoad.flatOut(sent, FILLING_CALLERS, sizes.get(0), FILLING_LIMIT);
            sent.close();
            try (Side memory = Side.of(memoryLoad, onMemory.port(), sizes.get(0))) {
                redis.fill(filling, sizes.get(0));
                try (Side side = Side.of(redisLoad, onRedis.port(), sizes.get(0))) {
                    warmUp(memory);
                    warmUp(side);
                }
                for (int round = 1; round <= effort.rounds(); round++) {
                    say("round " + round + " of " + effort.rounds());
                    for (int size : sizes) {
                        String column = String.valueOf(size);
                        rounds.add("bytes of an alert in Redis", "B", column, redis.fill(filling, size));
                        try (Side side = Side.of(redisLoad, onRedis.port(), size)) {
                            for (String outcome : List.of("suppressed", "sent")) {
                                compare(rounds, column, outcome, memory, side, redis, hipChat);
                            }
                        }
                        mistakes.expect("keys in Redis", size, Long.parseLong(redis.ask("DBSIZE")));
                    }
                }
            }
        }
        storeTables.add(rounds.bySize(variant, sizes));
    }

    /**
     * Measures the cost of pending changes while nothing is wrong. The two programs run at the same time and are loaded
     * in turns. Each has a Redis of its own, which counts its calls and bytes.
     */
    private void pending(Variant variant) throws Exception {
        Rounds rounds = new Rounds();
        Path server = options.redis().orElseThrow();
        try (HipChatStandIn hipChat = new HipChatStandIn(options.delay());
                Redis redisOff = Redis.start(server);
                Redis redisOn = Redis.start(server);
                Program off = Program.start(withPending(variant, false, redisOff), hipChat);
                Program on = Program.start(withPending(variant, true, redisOn), hipChat)) {
            int ids = effort.stored().get(0);
            off.untilListening();
            on.untilListening();
            rounds.add("bytes that an alert takes", "B", OFF, redisOff.fill(redisOff.learn(off), ids));
            rounds.add("bytes that an alert takes", "B", ON, redisOn.fill(redisOn.learn(on), ids));
            try (Side sideOff = Side.of(new Load(mistakes, off), off.port(), ids);
                    Side sideOn = Side.of(new Load(mistakes, on), on.port(), ids)) {
                warmUp(sideOff);
                warmUp(sideOn);
                // Many short rounds: other work on the machine then meets both of a pair alike.
                for (int round = 1; round <= PAIRS * effort.rounds(); round++) {
                    for (String outcome : List.of("suppressed", "sent")) {
                        // What one leaves behind, such as a garbage collection, meets the other as often.
                        if (round % 2 == 0) {
                            flatOut(rounds, OFF, outcome, sideOff, redisOff);
                            flatOut(rounds, ON, outcome, sideOn, redisOn);
                        } else {
                            flatOut(rounds, ON, outcome, sideOn, redisOn);
                            flatOut(rounds, OFF, outcome, sideOff, redisOff);
                        }
                    }
                }
            }
        }
        storeTables.add(rounds.compared(variant, OFF, ON));
    }

    private static Variant withPending(Variant variant, boolean isEnabled, Redis redis) {
        return variant.named(variant.name() + (isEnabled ? "-pending" : "-without-pending"))
                .with(redis.settings())
                .with(Map.of("HIPCHAT_PENDING_ENABLED", String.valueOf(isEnabled)));
    }

    private void flatOut(Rounds rounds, String column, String outcome, Side side, Redis redis)
            throws InterruptedException, IOException {
        long calls = redis.calls();
        long bytes = redis.networkBytes();
        long serverCpu = redis.cpuNanos();
        Load.Result result = side.load()
                .flatOut(
                        side.of(outcome),
                        FILLING_CALLERS,
                        Long.MAX_VALUE,
                        effort.slice().dividedBy(2));
        double alerts = result.times().size();
        rounds.add(outcome + ", flat out", "alerts/s", column, result.perSecond());
        rounds.add(outcome + ", calls to Redis", "calls", column, (redis.calls() - calls) / alerts);
        rounds.add(outcome + ", bytes to and from Redis", "B", column, (redis.networkBytes() - bytes) / alerts);
        rounds.add(outcome + ", processor time, program", "us", column, result.cpuMicros());
        rounds.add(outcome + ", processor time, Redis", "us", column, (redis.cpuNanos() - serverCpu) / 1e3 / alerts);
    }

    private void warmUp(Side side) throws InterruptedException {
        for (Target target : List.of(side.unchanged(), side.changed())) {
            side.load().flatOut(target, FILLING_CALLERS, Long.MAX_VALUE, effort.warmUp());
        }
    }

    private void compare(
            Rounds rounds, String size, String outcome, Side memory, Side redis, Redis server, HipChatStandIn hipChat)
            throws InterruptedException {
        long before = hipChat.accepted();
        Target inMemory = memory.of(outcome);
        Target inRedis = redis.of(outcome);
        // Not counted: the store's connections were closed while Redis was filled.
        Load.Result again = redis.load()
                .flatOut(
                        inRedis, FILLING_CALLERS, Long.MAX_VALUE, effort.slice().dividedBy(4));

        long serverCpu = server.cpuNanos();
        Load.Result flatOut = redis.load().flatOut(inRedis, FILLING_CALLERS, Long.MAX_VALUE, effort.slice());
        serverCpu = server.cpuNanos() - serverCpu;
        Load.Result base = memory.load().flatOut(inMemory, FILLING_CALLERS, Long.MAX_VALUE, effort.slice());
        rounds.add(outcome + ", flat out", "alerts/s", Rounds.MEMORY, base.perSecond());
        rounds.add(outcome + ", flat out", "alerts/s", size, flatOut.perSecond());
        String cpu = "processor time, " + outcome;
        rounds.add(cpu + ", program", "us", Rounds.MEMORY, base.cpuMicros());
        rounds.add(cpu + ", program", "us", size, flatOut.cpuMicros());
        rounds.add(
                cpu + ", Redis", "us", size, serverCpu / 1e3 / flatOut.times().size());

        Load.Steady steady =
                redis.load().steady(inRedis, inMemory, STEADY_CALLERS, STORED_PER_SECOND, effort.storedSteady());
        for (double q : List.of(0.5, 0.99)) {
            String quantile = "p" + Math.round(100 * q) + ", " + outcome;
            double with = steady.function().times().quantile(q) / 1e6;
            double without = steady.straight().times().quantile(q) / 1e6;
            rounds.add(quantile, "ms", Rounds.MEMORY, without);
            rounds.add(quantile, "ms", size, with);
            rounds.add(quantile + ", added by Redis", "ms", size, with - without);
        }

        long calls = Stream.of(again, steady.function(), steady.straight(), flatOut, base)
                .mapToLong(result -> result.times().size())
                .sum();
        mistakes.expect(
                "notifications, " + outcome + ", " + size + " remembered",
                outcome.equals("sent") ? calls : 0,
                hipChat.accepted() - before);
    }

    /** What each round measured, by measure and by column: the number of remembered alerts, or the variant. */
    static final class Rounds {

        static final String MEMORY = "memory";

        /** In the order in which {@link #byVariant} shows them. */
        private static final List<String> UNITS = List.of("ms", "MiB", "us", "alerts/s");

        private record Measure(String name, String unit) {

            String text(double value) {
                String format =
                        switch (unit) {
                            case "ms" -> value < 10 ? "%.3f" : "%.0f";
                            case "MiB" -> "%.1f";
                            case "calls" -> "%.2f";
                            default -> "%.0f";
                        };
                return String.format(Locale.ROOT, format, value);
            }
        }

        private final Map<Measure, Map<String, List<Double>>> values = new LinkedHashMap<>();

        void add(String measure, String unit, String column, double value) {
            values.computeIfAbsent(new Measure(measure, unit), none -> new LinkedHashMap<>())
                    .computeIfAbsent(column, none -> new ArrayList<>())
                    .add(value);
        }

        /** Flat is what differs by no more than a tenth, or than the rounds of the smallest number among themselves. */
        Table bySize(Variant variant, List<Integer> stored) {
            List<String> sizes = stored.stream().map(String::valueOf).toList();
            List<String> more = sizes.subList(1, sizes.size());
            List<String> columns = new ArrayList<>(List.of(variant.name(), "unit", MEMORY));
            columns.addAll(sizes);
            more.forEach(size -> columns.add("ratio"));
            columns.addAll(List.of("noise", "flat"));
            Table table = new Table(columns, 2);
            values.forEach((measure, byColumn) -> {
                List<String> cells = new ArrayList<>(List.of(measure.name(), measure.unit()));
                cells.add(byColumn.containsKey(MEMORY) ? measure.text(median(byColumn.get(MEMORY))) : "");
                List<Double> rounds = byColumn.get(sizes.get(0));
                double base = median(rounds);
                double noise = spread(rounds);
                sizes.forEach(size -> cells.add(measure.text(median(byColumn.get(size)))));
                more.forEach(size -> cells.add(
                        base > 0 ? String.format(Locale.ROOT, "%.2f", median(byColumn.get(size)) / base) : "-"));
                boolean flat = more.stream()
                        .allMatch(size -> Math.abs(median(byColumn.get(size)) - base) <= Math.max(noise, base / 10));
                // One round alone does not say what noise is.
                cells.add(rounds.size() > 1 ? measure.text(noise) : "-");
                cells.add(rounds.size() > 1 ? flat ? "yes" : "no" : "-");
                table.add(cells);
            });
            return table;
        }

        /** Medians of two columns, and the median and spread of the ratios of their rounds. */
        Table compared(Variant variant, String base, String other) {
            Table table = new Table(List.of(variant.name(), "unit", base, other, "ratio", "noise"), 2);
            values.forEach((measure, byColumn) -> {
                List<Double> ratios = new ArrayList<>();
                for (int round = 0; round < byColumn.get(base).size(); round++) {
                    ratios.add(
                            byColumn.get(other).get(round) / byColumn.get(base).get(round));
                }
                table.add(List.of(
                        measure.name(),
                        measure.unit(),
                        measure.text(median(byColumn.get(base))),
                        measure.text(median(byColumn.get(other))),
                        String.format(Locale.ROOT, "%.2f", median(ratios)),
                        ratios.size() > 1 ? String.format(Locale.ROOT, "%.2f", spread(ratios)) : "-"));
            });
            return table;
        }

        /** Ratios to the bare function of the same kind and to the plain JVM, then what they are ratios of. */
        Table byVariant(List<Variant> variants) {
            List<String> names = variants.stream().map(Variant::name).toList();
            List<String[]> ratios = new ArrayList<>();
            names.stream()
                    .filter(name -> names.contains(Variant.BARE + name))
                    .forEach(name -> ratios.add(new String[] {name, Variant.BARE + name}));
            variants.stream()
                    .filter(variant -> !variant.isBare() && !variant.isPlain())
                    .forEach(variant -> ratios.add(new String[] {variant.name(), Variant.PLAIN}));
            List<String> columns = new ArrayList<>(List.of("median", "unit"));
            ratios.forEach(ratio -> columns.add(ratio[0] + "/" + ratio[1].replace(Variant.BARE + ratio[0], "bare")));
            columns.addAll(names);
            Table table = new Table(columns, 2);
            List<Measure> byUnit = values.keySet().stream()
                    .sorted(Comparator.comparing(measure -> UNITS.indexOf(measure.unit())))
                    .toList();
            byUnit.forEach(measure -> {
                Map<String, List<Double>> byColumn = values.get(measure);
                List<String> cells = new ArrayList<>(List.of(measure.name(), measure.unit()));
                ratios.forEach(ratio -> cells.add(ratio(measure, ratio[0], ratio[1])
                        .map(value -> String.format(Locale.ROOT, "%.2f", value))
                        .orElse("")));
                names.forEach(
                        name -> cells.add(byColumn.containsKey(name) ? measure.text(median(byColumn.get(name))) : ""));
                table.add(cells);
            });
            return table;
        }

        private Optional<Double> ratio(Measure measure, String column, String base) {
            Map<String, List<Double>> byColumn = values.get(measure);
            return byColumn.containsKey(column) && byColumn.containsKey(base)
                    ? Optional.of(median(byColumn.get(column)) / median(byColumn.get(base)))
                    : Optional.empty();
        }

        private static double median(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
        }

        /** From the lowest to the highest, but for a quarter at either end: one bad round is not how all are. */
        private static double spread(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            int quarter = sorted.size() / 4;
            return sorted.get(sorted.size() - 1 - quarter) - sorted.get(quarter);
        }
    }

    // ---- Variants side by side ----

    /** What a variant is asked in one life; the bare function knows one thing to do. */
    record Work(Target first, Target suppressed, Target sent) implements AutoCloseable {

        static Work of(Variant variant, int port, int ids) {
            if (variant.isBare()) {
                Target answered = Target.answered(port);
                return new Work(answered, answered, answered);
            }
            return new Work(Target.sentOnce(port, ids), Target.unchanged(port, ids), Target.changed(port, ids));
        }

        /** Two fifths of the alerts are first ones; of the others, half change nothing and half do. */
        static Work ofFirst(Variant variant, int port, int alerts) {
            return of(variant, port, alerts * 2 / 5);
        }

        /** Makes so many calls and returns how many of them HipChat is to receive. */
        long begin(Load load, int alerts) throws InterruptedException {
            int ids = alerts * 2 / 5;
            int rest = (alerts - ids) / 2;
            load.flatOut(first, FILLING_CALLERS, ids, FILLING_LIMIT);
            load.flatOut(suppressed, FILLING_CALLERS, rest, FILLING_LIMIT);
            load.flatOut(sent, FILLING_CALLERS, rest, FILLING_LIMIT);
            return (long) ids + rest;
        }

        Target of(String outcome) {
            return outcome.equals("sent") ? sent : suppressed;
        }

        @Override
        public void close() {
            Stream.of(first, suppressed, sent).forEach(Target::close);
        }
    }

    private void train() throws Exception {
        for (Variant variant : options.variants()) {
            say(variant.name() + ": training");
            if (options.lambda().isPresent()) {
                trainInstance(variant);
                continue;
            }
            try (HipChatStandIn hipChat = new HipChatStandIn(0);
                    Program program = Program.start(variant, hipChat);
                    Work work = Work.ofFirst(variant, program.port(), effort.training())) {
                program.untilListening();
                work.begin(new Load(mistakes, program), effort.training());
                program.child().end();
            }
        }
    }

    /**
     * All variants in turns, so that what else happens on the machine meets all of them, each time in a process of its
     * own, so that no figure hangs on what one process happened to be like.
     */
    private void sideBySide(String machine, Path folder) throws Exception {
        Rounds rounds = new Rounds();
        for (Variant variant : options.variants()) {
            if (variant.files().isPresent()) {
                rounds.add(
                        Plot.SIZE, "MiB", variant.name(), size(variant.files().orElseThrow()) / MIB);
            }
        }
        // The first start finds nothing in the page cache and is not counted.
        for (int round = 0; round <= effort.starts(); round++) {
            say("start " + round + " of " + effort.starts());
            for (Variant variant : options.variants()) {
                start(round == 0 ? new Rounds() : rounds, variant);
            }
        }
        try (Redis redis =
                options.redis().isPresent() ? Redis.start(options.redis().orElseThrow()) : null) {
            for (int round = 1; round <= effort.lives(); round++) {
                say("life " + round + " of " + effort.lives());
                for (Variant variant : options.variants()) {
                    live(rounds, variant, Rounds.MEMORY);
                    if (redis != null && !variant.isBare()) {
                        redis.ask("FLUSHALL");
                        live(rounds, variant.with(redis.settings()), "Redis");
                    }
                }
            }
        }

        Table result = rounds.byVariant(options.variants());
        List<String> head = head(machine, "medians of " + effort.starts() + " starts and " + effort.lives() + " lives");
        Path csv = write(result, head, folder.resolve("variants.csv"));
        Path svg = folder.resolve("variants.svg");
        Files.writeString(svg, Plot.of(rounds, options.variants()));
        System.out.println();
        head.forEach(System.out::println);
        System.out.println();
        System.out.println(result.text());
        System.out.println("Written to " + csv + " and " + svg);
    }

    /** What stands above the figures of all variants. */
    private List<String> head(String machine, String medians) {
        List<String> head = new ArrayList<>(List.of(machine, medians));
        options.variants().forEach(variant -> head.add(variant.name() + ": " + String.join(" ", variant.command())));
        head.addAll(options.notes());
        return head;
    }

    private static Path write(Table result, List<String> head, Path csv) throws IOException {
        Files.createDirectories(csv.toAbsolutePath().getParent());
        return Files.writeString(
                csv, head.stream().map(line -> "# " + line + "\n").collect(Collectors.joining()) + result.csv());
    }

    private void start(Rounds rounds, Variant variant) throws Exception {
        try (HipChatStandIn hipChat = new HipChatStandIn(options.delay());
                Program program = Program.start(variant, hipChat)) {
            byte[] alert = Alerts.post(program.port(), "/hipchat", Alerts.event(0, 0, "CRITICAL"));
            long answered = program.untilAnswered(alert, () -> variant.isBare() || hipChat.accepted() > 0);
            rounds.add(Plot.LISTENING, "ms", variant.name(), program.listeningAfter() / 1e6);
            rounds.add(Plot.FIRST_ALERT, "ms", variant.name(), answered / 1e6);
        }
    }

    private void live(Rounds rounds, Variant variant, String store) throws Exception {
        int alerts = effort.firstAlerts();
        try (HipChatStandIn hipChat = new HipChatStandIn(options.delay());
                Program program = Program.start(variant, hipChat);
                Work work = Work.ofFirst(variant, program.port(), alerts)) {
            program.untilListening();
            // What a start leaves to be done goes on behind the open port.
            Thread.sleep(effort.settling().toMillis());
            Load load = new Load(mistakes, program);
            boolean inMemory = store.equals(Rounds.MEMORY);
            if (inMemory) {
                rounds.add(Plot.IDLE, "MiB", variant.name(), program.residentBytes() / MIB);
            }
            long due = work.begin(load, alerts);
            if (inMemory) {
                rounds.add(
                        "resident after " + alerts + " alerts", "MiB", variant.name(), program.residentBytes() / MIB);
            }
            for (String outcome : List.of("suppressed", "sent")) {
                Load.Result warmUp = load.flatOut(
                        work.of(outcome),
                        FILLING_CALLERS,
                        Long.MAX_VALUE,
                        effort.warmUp().dividedBy(2));
                due += outcome.equals("sent") ? warmUp.times().size() : 0;
                for (int callers : CALLERS_SIDE_BY_SIDE) {
                    Load.Result result = load.flatOut(work.of(outcome), callers, Long.MAX_VALUE, effort.slice());
                    String measure = outcome + ", " + store;
                    String by = callers == 1 ? ", 1 caller" : ", " + callers + " callers";
                    rounds.add(measure + by, "alerts/s", variant.name(), result.perSecond());
                    if (callers == FILLING_CALLERS) {
                        rounds.add("processor time, " + measure + by, "us", variant.name(), result.cpuMicros());
                    }
                    due += outcome.equals("sent") ? result.times().size() : 0;
                }
            }
            mistakes.expect(
                    "notifications of " + variant.name() + ", " + store,
                    variant.isBare() ? 0 : due,
                    hipChat.accepted());
        }
    }

    private static long size(Path delivered) throws IOException {
        try (Stream<Path> files = Files.walk(delivered)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    // ---- On AWS Lambda ----

    private void lambda(String machine, Path folder) throws Exception {
        Rounds rounds = new Rounds();
        // The first instance finds nothing in the page cache and is not counted.
        for (int round = 0; round <= effort.starts(); round++) {
            say("instance " + round + " of " + effort.starts());
            for (Variant variant : options.variants()) {
                coldStart(round == 0 ? new Rounds() : rounds, variant);
            }
        }
        for (Variant variant : options.variants()) {
            if (variant.files().isPresent()) {
                packageSize(rounds, variant, variant.files().orElseThrow());
            }
        }
        Table result = rounds.byVariant(options.variants());
        List<String> head = head(machine, "medians of " + effort.starts() + " instances");
        Path csv = write(result, head, folder.resolve("lambda.csv"));
        System.out.println();
        head.forEach(System.out::println);
        System.out.println();
        System.out.println(result.markdown());
        System.out.println("Written to " + csv);
    }

    /** Two alerts: what an init leaves to be done later is done by the first invocation. */
    private void coldStart(Rounds rounds, Variant variant) throws Exception {
        try (HipChatStandIn hipChat = new HipChatStandIn(options.delay());
                Instance instance = Instance.start(variant, hipChat, mistakes)) {
            double init = instance.untilIdle() / 1e6;
            // At once: Lambda stops the clock of an instance that waits.
            double resident = instance.residentBytes() / MIB;
            double first = instance.invoke(0) / 1e6;
            instance.untilIdle();
            double second = instance.invoke(1) / 1e6;
            instance.untilIdle();
            String name = variant.name();
            rounds.add("init", "ms", name, init);
            rounds.add("first invocation", "ms", name, first);
            rounds.add("init and first invocation", "ms", name, init + first);
            rounds.add("second invocation", "ms", name, second);
            rounds.add("resident after init", "MiB", name, resident);
            rounds.add("resident after the second invocation", "MiB", name, instance.residentBytes() / MIB);
            mistakes.expect("notifications of " + name, variant.isBare() ? 0 : 2, hipChat.accepted());
        }
    }

    private static void packageSize(Rounds rounds, Variant variant, Path delivered) throws IOException {
        String unpacked = "package, unpacked";
        if (Files.isDirectory(delivered)) {
            rounds.add(unpacked, "MiB", variant.name(), size(delivered) / MIB);
            return;
        }
        rounds.add("package", "MiB", variant.name(), size(delivered) / MIB);
        try (ZipFile zip = new ZipFile(delivered.toFile())) {
            rounds.add(
                    unpacked,
                    "MiB",
                    variant.name(),
                    zip.stream().mapToLong(ZipEntry::getSize).sum() / MIB);
        }
    }

    private void trainInstance(Variant variant) throws Exception {
        try (HipChatStandIn hipChat = new HipChatStandIn(0);
                Instance instance = Instance.start(variant, hipChat, mistakes)) {
            for (int number = 0; number < effort.training(); number++) {
                instance.untilIdle();
                instance.invoke(number);
            }
            instance.untilIdle();
            instance.end();
        }
    }

    /** A function as one of Lambda's instances, and Lambda's side of it: the Runtime API that it asks for work. */
    static final class Instance implements AutoCloseable {

        private static final String API = "/2018-06-01/runtime/";
        private static final Duration PATIENCE = Duration.ofSeconds(60);
        private static final int LOOK = 100;

        /** What the function asked for or answered. */
        private record Request(long at, String path, String body, HttpExchange exchange) {}

        private final Variant variant;
        private final Mistakes mistakes;
        private final HttpServer server;
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
        private final Child child;
        private final long start;
        private HttpExchange idle;

        private Instance(Variant variant, HipChatStandIn hipChat, Mistakes mistakes) throws IOException {
            this.variant = variant;
            this.mistakes = mistakes;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext(API, this::serve);
            server.start();
            start = System.nanoTime();
            child = Child.of(
                    variant,
                    hipChat,
                    // Lambda's Java runtime loads the function from where it is started.
                    Path.of(variant.env().getOrDefault("LAMBDA_TASK_ROOT", ".")),
                    Map.of(
                            "AWS_LAMBDA_RUNTIME_API",
                            "127.0.0.1:" + server.getAddress().getPort(),
                            "AWS_LAMBDA_FUNCTION_NAME",
                            "hipchat-alerts",
                            "AWS_LAMBDA_FUNCTION_VERSION",
                            "$LATEST",
                            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                            "512",
                            "AWS_LAMBDA_LOG_GROUP_NAME",
                            "/aws/lambda/hipchat-alerts",
                            "AWS_LAMBDA_LOG_STREAM_NAME",
                            "1",
                            // As in deploy/lambda, but for the store and the JVM's options there.
                            "DISABLE_SIGNAL_HANDLERS",
                            "true",
                            "HIPCHAT_GLOBAL",
                            "true",
                            "HIPCHAT_STATE_CHANGES_ONLY",
                            "true"));
        }

        static Instance start(Variant variant, HipChatStandIn hipChat, Mistakes mistakes) throws IOException {
            return new Instance(variant, hipChat, mistakes);
        }

        private void serve(HttpExchange exchange) throws IOException {
            byte[] body = exchange.getRequestBody().readAllBytes();
            long now = System.nanoTime();
            String path = exchange.getRequestURI().getPath().substring(API.length());
            // First of all, or what it asks for next might be seen before.
            requests.add(new Request(now, path, new String(body, StandardCharsets.UTF_8), exchange));
            if (!path.equals("invocation/next")) {
                exchange.sendResponseHeaders(202, -1);
                exchange.close();
            }
        }

        /** Waits until it asks for work; nanoseconds from its start until then. */
        long untilIdle() throws IOException, InterruptedException {
            Request request = next("does not ask for work");
            if (!request.path().equals("invocation/next")) {
                throw new IllegalStateException(
                        variant.name() + " posted to " + request.path() + ": " + request.body());
            }
            idle = request.exchange();
            return request.at() - start;
        }

        /** Hands it an alert of its own; nanoseconds from then until its answer. */
        long invoke(int number) throws IOException, InterruptedException {
            byte[] event = Alerts.event(number, number, "CRITICAL").getBytes(StandardCharsets.UTF_8);
            idle.getResponseHeaders().set("Content-Type", "application/json");
            idle.getResponseHeaders().set("Lambda-Runtime-Aws-Request-Id", "request-" + number);
            idle.getResponseHeaders()
                    .set("Lambda-Runtime-Deadline-Ms", "" + (System.currentTimeMillis() + PATIENCE.toMillis()));
            idle.getResponseHeaders()
                    .set(
                            "Lambda-Runtime-Invoked-Function-Arn",
                            "arn:aws:lambda:eu-central-1:123456789012:function:hipchat-alerts");
            long begin = System.nanoTime();
            try (HttpExchange exchange = idle) {
                exchange.sendResponseHeaders(200, event.length);
                exchange.getResponseBody().write(event);
            }
            Request answer = next("does not answer");
            String due = variant.isBare() ? "\"status\":\"answered\"" : "\"status\":\"sent\"";
            if (!answer.path().equals("invocation/request-" + number + "/response")
                    || !answer.body().contains(due)) {
                mistakes.add("Due was " + due + ", " + variant.name() + " posted to " + answer.path() + ": "
                        + answer.body());
            }
            return answer.at() - begin;
        }

        private Request next(String trouble) throws IOException, InterruptedException {
            for (long left = PATIENCE.toMillis(); left > 0; left -= LOOK) {
                Request request = requests.poll(LOOK, TimeUnit.MILLISECONDS);
                if (request != null) {
                    return request;
                }
                if (!child.isAlive() && requests.isEmpty()) {
                    break;
                }
            }
            throw child.trouble(trouble);
        }

        long residentBytes() throws IOException {
            return child.residentBytes();
        }

        void end() throws IOException, InterruptedException {
            child.end();
        }

        @Override
        public void close() throws InterruptedException {
            child.close();
            server.stop(0);
            threads.shutdownNow();
        }
    }

    // ---- The picture ----

    /** Bars of ratios to the plain JVM, the bare function of each kind beside it. */
    static final class Plot {

        static final String SIZE = "size";
        static final String LISTENING = "start to listening";
        static final String FIRST_ALERT = "start to first alert sent";
        static final String IDLE = "resident idle";

        private static final int WIDTH = 640;
        private static final int LABELS = 100;
        private static final int FIGURES = 140;
        private static final int BAR = 14;
        private static final int GAP = 30;
        private static final String STYLE = """
                text { font: 12px sans-serif; fill: #24292f }
                .title { font-weight: bold }
                .figure { fill: #57606a }
                .bar { fill: #0969da }
                .bare { fill: #8c959f }
                @media (prefers-color-scheme: dark) {
                  text { fill: #e6edf3 }
                  .figure { fill: #9198a1 }
                  .bar { fill: #4493f8 }
                  .bare { fill: #656c76 }
                }
                """;

        private Plot() {}

        static String of(Rounds rounds, List<Variant> variants) {
            StringBuilder bars = new StringBuilder();
            int y = 0;
            for (Rounds.Measure measure : rounds.values.keySet()) {
                // Only what is the better the less there is of it, and means something for a function that does
                // nothing.
                if (!List.of("ms", "MiB").contains(measure.unit())) {
                    continue;
                }
                y += GAP;
                bars.append("<text class=\"title\" x=\"0\" y=\"%d\">%s</text>%n".formatted(y - 6, measure.name()));
                Map<String, List<Double>> byVariant = rounds.values.get(measure);
                double most = byVariant.values().stream()
                        .mapToDouble(Rounds::median)
                        .max()
                        .orElse(1);
                for (Variant variant : variants) {
                    if (byVariant.containsKey(variant.name())) {
                        double median = Rounds.median(byVariant.get(variant.name()));
                        bars.append(bar(y, variant, measure, median, median / most, rounds));
                        y += BAR;
                    }
                }
            }
            int height = y + BAR;
            return """
                    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" role="img">
                    <title>Start, size and memory of each way to run the program, as ratios to the plain JVM</title>
                    <style>
                    %s</style>
                    %s</svg>
                    """.formatted(WIDTH, height, WIDTH, STYLE, bars);
        }

        private static String bar(
                int y, Variant variant, Rounds.Measure measure, double median, double share, Rounds rounds) {
            double width = share * (WIDTH - LABELS - FIGURES);
            String ratio = rounds.ratio(measure, variant.name(), Variant.PLAIN)
                    .map(value -> String.format(Locale.ROOT, "%.2f, ", value))
                    .orElse("");
            String figure = String.format(Locale.ROOT, "%s%.0f %s", ratio, median, measure.unit());
            return String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                            + "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>"
                            + "<text class=\"figure\" x=\"%.1f\" y=\"%d\">%s</text>%n",
                    LABELS - 8,
                    y + BAR - 3,
                    variant.name(),
                    variant.isBare() ? "bare" : "bar",
                    LABELS,
                    y + 1,
                    width,
                    BAR - 2,
                    LABELS + width + 6,
                    y + BAR - 3,
                    figure);
        }
    }

    // ---- What is run, and how much ----

    /**
     * A way to run the program.
     *
     * @param name stands before each of its rows
     * @param command the program itself and not a script that starts it, since memory and processor time are its own
     * @param env settings on top of those that every variant gets
     * @param files what is delivered of it
     */
    record Variant(String name, List<String> command, Map<String, String> env, Optional<Path> files) {

        /** Before the name of the variant that a bare function is the floor of. */
        static final String BARE = "bare-";

        /** What all others are compared with. */
        static final String PLAIN = "jvm";

        boolean isBare() {
            return name.startsWith(BARE);
        }

        boolean isPlain() {
            return name.equals(PLAIN);
        }

        Variant with(Map<String, String> settings) {
            Map<String, String> more = new LinkedHashMap<>(env);
            more.putAll(settings);
            return new Variant(name, command, more, files);
        }

        /** The same with another name, which its log has too. */
        Variant named(String other) {
            return new Variant(other, command, env, files);
        }

        Variant delivered(Path what) {
            return new Variant(name, command, env, Optional.of(what));
        }

        static Variant of(String text) {
            String[] parts = text.split("=", 2);
            if (parts.length < 2 || parts[1].isBlank()) {
                throw new IllegalArgumentException("--variant takes NAME=COMMAND, not " + text);
            }
            return new Variant(parts[0], List.of(parts[1].strip().split("\\s+")), Map.of(), Optional.empty());
        }
    }

    record Options(
            List<Variant> variants,
            Set<String> only,
            boolean quick,
            int remembered,
            int delay,
            Optional<Path> redis,
            boolean pending,
            Optional<Path> sideBySide,
            Optional<Path> lambda,
            List<String> notes,
            boolean train) {

        static Options of(String... arguments) {
            Deque<String> left = new ArrayDeque<>(List.of(arguments));
            List<Variant> variants = new ArrayList<>();
            Set<String> only = new HashSet<>();
            boolean quick = false;
            int remembered = Alerts.SENT_IDS;
            int delay = 0;
            Optional<Path> redis = Optional.empty();
            boolean pending = false;
            Optional<Path> sideBySide = Optional.empty();
            Optional<Path> lambda = Optional.empty();
            List<String> notes = new ArrayList<>();
            boolean train = false;
            while (!left.isEmpty()) {
                String option = left.pop();
                switch (option) {
                    case "--quick" -> quick = true;
                    case "--only" ->
                        only.add(oneOf(Set.of("starts", "latency", "memory"), option, value(left, option)));
                    case "--variant" -> variants.add(Variant.of(value(left, option)));
                    case "--env" -> {
                        String[] setting = value(left, option).split("=", 2);
                        if (setting.length < 2) {
                            throw new IllegalArgumentException("--env takes KEY=VALUE, not " + setting[0]);
                        }
                        variants.add(last(variants).with(Map.of(setting[0], setting[1])));
                    }
                    case "--files" -> {
                        Path files = Path.of(value(left, option));
                        variants.add(last(variants).delivered(files));
                    }
                    case "--side-by-side" -> sideBySide = Optional.of(Path.of(value(left, option)));
                    case "--lambda" -> lambda = Optional.of(Path.of(value(left, option)));
                    case "--note" -> notes.add(value(left, option));
                    case "--train" -> train = true;
                    case "--remembered" -> remembered = number(1, option, value(left, option));
                    case "--delay" -> delay = number(0, option, value(left, option));
                    case "--pending" -> pending = true;
                    case "--redis" -> redis = Optional.of(Path.of(value(left, option)));
                    default -> throw new IllegalArgumentException("There is no option " + option);
                }
            }
            return new Options(
                    variants.isEmpty() ? List.of(AS_BUILT) : variants,
                    only,
                    quick,
                    remembered,
                    delay,
                    redis,
                    pending,
                    sideBySide,
                    lambda,
                    notes,
                    train);
        }

        /** Takes away the variant that an option follows. */
        private static Variant last(List<Variant> variants) {
            return variants.isEmpty() ? AS_BUILT : variants.remove(variants.size() - 1);
        }

        boolean measures(String what) {
            return only.isEmpty() || only.contains(what);
        }

        private static String value(Deque<String> left, String option) {
            if (left.isEmpty()) {
                throw new IllegalArgumentException(option + " takes a value");
            }
            return left.pop();
        }

        private static String oneOf(Set<String> allowed, String option, String value) {
            if (!allowed.contains(value)) {
                throw new IllegalArgumentException(option + " takes one of " + allowed + ", not " + value);
            }
            return value;
        }

        private static int number(int least, String option, String value) {
            if (!value.matches("\\d{1,8}") || Integer.parseInt(value) < least) {
                throw new IllegalArgumentException(option + " takes a whole number from " + least + ", not " + value);
            }
            return Integer.parseInt(value);
        }
    }

    /** How much of everything; both count and time are bounded, so that a slow machine ends in time too. */
    record Effort(
            int starts,
            Duration warmUp,
            int rounds,
            Duration slice,
            Duration steady,
            List<Integer> alerts,
            Duration limit,
            List<Integer> stored,
            Duration storedSteady,
            int lives,
            int firstAlerts,
            int training,
            Duration settling) {

        static final Effort FULL = new Effort(
                10,
                Duration.ofSeconds(8),
                5,
                Duration.ofSeconds(1),
                Duration.ofSeconds(20),
                List.of(1_000, 10_000, 100_000),
                Duration.ofSeconds(100),
                List.of(1_000, 100_000, 1_000_000),
                Duration.ofSeconds(4),
                3,
                10_000,
                500,
                Duration.ofSeconds(1));
        static final Effort QUICK = new Effort(
                2,
                Duration.ofMillis(500),
                1,
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                List.of(1_000, 2_000),
                Duration.ofSeconds(10),
                List.of(1_000, 10_000),
                Duration.ofSeconds(1),
                1,
                2_500,
                500,
                Duration.ofMillis(200));
    }

    // ---- What is posted ----

    /** Alert events as Kapacitor posts them. Their times grow with their number, so that none is stale. */
    static final class Alerts {

        /** How many ids have a level that the room was sent; the store knows ids beyond as quiet from the start. */
        static final int SENT_IDS = 1_000;

        private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
        private static final int VISITS_PER_LEVEL = 10;

        private Alerts() {}

        static String event(long number, long id, String level) {
            String time = FIRST.plusMillis(number).toString();
            String name = "cpu:host=web-" + id;
            return "{\"id\":\"" + name + "\",\"message\":\"" + name + " is " + level + " at 97.3 %\",\"details\":\"\","
                    + "\"time\":\"" + time + "\",\"duration\":60000000000,\"level\":\"" + level
                    + "\",\"previousLevel\":\"" + level
                    + "\",\"recoverable\":true,\"data\":{\"series\":[{\"name\":\"cpu\","
                    + "\"tags\":{\"cpu\":\"cpu-total\",\"host\":\"web-" + id
                    + "\"},\"columns\":[\"time\",\"usage_user\","
                    + "\"usage_system\",\"usage_idle\"],\"values\":[[\"" + time + "\",81.2,16.1,2.7]]}]}}";
        }

        /** What the function makes of an {@link #event}, for a caller that goes straight to HipChat. */
        static String notification(long id) {
            return "{\"from\":\"kapacitor\",\"color\":\"red\",\"message\":\"cpu:host=web-" + id
                    + " is CRITICAL at 97.3 %\",\"notify\":true,\"message_format\":\"text\"}";
        }

        /** The level that {@link #event}s of an id repeat so that none of them is news. */
        static String repeated(long id) {
            return id < SENT_IDS ? "CRITICAL" : "OK";
        }

        /** A level that changes with every tenth event of an id. */
        static String changing(long number) {
            return number / SENT_IDS / VISITS_PER_LEVEL % 2 == 0 ? "CRITICAL" : "OK";
        }

        static boolean isChange(long number) {
            return number / SENT_IDS % VISITS_PER_LEVEL == 0;
        }

        static long changes(long from, long to) {
            long changes = 0;
            for (long number = from; number < to; number++) {
                changes += isChange(number) ? 1 : 0;
            }
            return changes;
        }

        /** The whole request, ready to be written at once, so that making it takes no measured time. */
        static byte[] post(int port, String path, String body) {
            return ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                            + body)
                    .getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /** One alert and the words that its answer must hold. */
    record Call(byte[] request, String due) {}

    /** Where calls go and what they are, with the connections that are kept open between them. */
    record Target(int port, AtomicLong counter, LongFunction<Call> calls, ConcurrentLinkedDeque<Connection> idle)
            implements AutoCloseable {

        private static final String STATEFUL = "/hipchat?stateChangesOnly=true";

        private static Target of(int port, AtomicLong counter, LongFunction<Call> calls) {
            return new Target(port, counter, calls, new ConcurrentLinkedDeque<>());
        }

        static Target straight(int port) {
            String path = "/v2/room/alerts/notification";
            return of(
                    port,
                    new AtomicLong(),
                    number -> new Call(
                            Alerts.post(port, path, Alerts.notification(number % Alerts.SENT_IDS)), "HTTP/1.1 204"));
        }

        static Target sent(int port, AtomicLong counter) {
            return of(port, counter, number -> {
                String event = Alerts.event(number, number % Alerts.SENT_IDS, "CRITICAL");
                return new Call(Alerts.post(port, "/hipchat", event), "\"status\":\"sent\"");
            });
        }

        static Target suppressed(int port, int ids, AtomicLong counter) {
            return stateful(port, ids, counter, "suppressed");
        }

        /** Goes round the ids, each at the level that it repeats. */
        static Target stateful(int port, int ids, AtomicLong counter, String status) {
            return of(port, counter, number -> {
                long id = number % ids;
                String event = Alerts.event(number, id, Alerts.repeated(id));
                return new Call(Alerts.post(port, STATEFUL, event), "\"status\":\"" + status + "\"");
            });
        }

        /** Each of {@code ids} alerts for the first time, all of them CRITICAL. */
        static Target sentOnce(int port, int ids) {
            return of(
                    port,
                    new AtomicLong(),
                    number -> new Call(
                            Alerts.post(port, STATEFUL, Alerts.event(number, number % ids, "CRITICAL")),
                            "\"status\":\"sent\""));
        }

        /** For the bare function, which takes them as they come. */
        static Target answered(int port) {
            return of(
                    port,
                    new AtomicLong(),
                    number -> new Call(
                            Alerts.post(port, STATEFUL, Alerts.event(number, number % Alerts.SENT_IDS, "CRITICAL")),
                            "\"status\":\"answered\""));
        }

        /** Over every other of {@code ids} alerts that were sent as CRITICAL at the first moment, all of them still so. */
        static Target unchanged(int port, int ids) {
            return of(port, new AtomicLong(ids), number -> {
                long id = 2 * scattered(number, ids / 2);
                return new Call(
                        Alerts.post(port, STATEFUL, Alerts.event(number, id, "CRITICAL")), "\"status\":\"suppressed\"");
            });
        }

        /** Over the others, which change with each visit. */
        static Target changed(int port, int ids) {
            int half = ids / 2;
            return of(port, new AtomicLong(ids), number -> {
                long id = 2 * scattered(number, half) + 1;
                String level = number / half % 2 == 0 ? "WARNING" : "CRITICAL";
                return new Call(Alerts.post(port, STATEFUL, Alerts.event(number, id, level)), "\"status\":\"sent\"");
            });
        }

        /** Each id once before any comes again, and none near the one before; the factor has no 2 and no 5 in it. */
        private static long scattered(long number, int ids) {
            return number % ids * 618_033_989 % ids;
        }

        static Target mixed(int port, AtomicLong counter) {
            return of(port, counter, number -> {
                String event = Alerts.event(number, number % Alerts.SENT_IDS, Alerts.changing(number));
                String status = Alerts.isChange(number) ? "sent" : "suppressed";
                return new Call(Alerts.post(port, STATEFUL, event), "\"status\":\"" + status + "\"");
            });
        }

        Connection connection() throws IOException {
            Connection kept = idle.poll();
            return kept == null ? new Connection(port) : kept;
        }

        @Override
        public void close() {
            idle.forEach(Connection::close);
            idle.clear();
        }
    }

    // ---- The generator ----

    /**
     * One HTTP/1.1 connection. Plain sockets and not the JDK's client: that one costs more than the function itself,
     * on the same cores.
     */
    static final class Connection implements AutoCloseable {

        private static final int TIMEOUT = 30_000;
        private static final Pattern LENGTH = Pattern.compile("(?i)\ncontent-length: *(\\d+)");

        private final Socket socket = new Socket();
        private final InputStream in;
        private final OutputStream out;

        Connection(int port) throws IOException {
            try {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(TIMEOUT);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT);
                in = new BufferedInputStream(socket.getInputStream());
                out = socket.getOutputStream();
            } catch (IOException failed) {
                close();
                throw failed;
            }
        }

        /** Posts and returns the whole answer, head and body. */
        String post(byte[] request) throws IOException {
            out.write(request);
            StringBuilder answer = new StringBuilder(512);
            while (answer.length() < 4 || !endsHead(answer)) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("The connection was closed after: " + answer);
                }
                answer.append((char) next);
            }
            Matcher length = LENGTH.matcher(answer);
            if (length.find()) {
                byte[] body = in.readNBytes(Integer.parseInt(length.group(1)));
                answer.append(new String(body, StandardCharsets.UTF_8));
            }
            return answer.toString();
        }

        private static boolean endsHead(StringBuilder answer) {
            int end = answer.length();
            return answer.charAt(end - 1) == '\n' && answer.charAt(end - 2) == '\r' && answer.charAt(end - 3) == '\n';
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException gone) {
                // There is nothing left to close.
            }
        }
    }

    /** Puts load on targets and takes the times. */
    static final class Load {

        private static final OperatingSystemMXBean OWN =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

        private final Mistakes mistakes;
        private final Program program;

        Load(Mistakes mistakes, Program program) {
            this.mistakes = mistakes;
            this.program = program;
        }

        /**
         * What a load measured.
         *
         * @param times nanoseconds of each call
         * @param elapsed nanoseconds of the whole
         * @param programCpu processor time that the program took, in nanoseconds
         * @param ownCpu the same of this process: generator and stand-in together
         */
        record Result(Samples times, long elapsed, long programCpu, long ownCpu) {

            static final Result NONE = new Result(new Samples(), 0, 0, 0);

            Result and(Result other) {
                return new Result(
                        times.and(other.times),
                        elapsed + other.elapsed,
                        programCpu + other.programCpu,
                        ownCpu + other.ownCpu);
            }

            double perSecond() {
                return times.size() * 1e9 / elapsed;
            }

            double cpuMicros() {
                return programCpu / 1e3 / times.size();
            }
        }

        /** A steady load on two targets in turn, and how late the generator itself was. */
        record Steady(Result function, Result straight, Samples late) {}

        /** Closed loop: each caller posts as soon as it has its answer, until {@code calls} are made or time is up. */
        Result flatOut(Target target, int callers, long calls, Duration limit) throws InterruptedException {
            AtomicLong left = new AtomicLong(calls);
            List<Samples> each = Stream.generate(Samples::new).limit(callers).toList();
            long programCpu = program.cpuNanos();
            long ownCpu = OWN.getProcessCpuTime();
            long start = System.nanoTime();
            inParallel(callers, caller -> {
                try (Caller line = new Caller(target)) {
                    while (System.nanoTime() - start < limit.toNanos() && left.getAndDecrement() > 0) {
                        Call call = line.next();
                        long begin = System.nanoTime();
                        line.post(call);
                        each.get(caller).add(System.nanoTime() - begin);
                    }
                }
            });
            return new Result(
                    each.stream().reduce(new Samples(), Samples::and),
                    System.nanoTime() - start,
                    program.cpuNanos() - programCpu,
                    OWN.getProcessCpuTime() - ownCpu);
        }

        /**
         * Open loop: calls are due at fixed moments, in turn to the function and straight to HipChat. Each time counts
         * from the moment that the call was due, not from when a caller got round to it; a program that stalls thus
         * pays for all the calls that it kept waiting, and not just for the one that it held.
         */
        Steady steady(Target function, Target straight, int callers, int perSecond, Duration duration)
                throws InterruptedException {
            long period = TimeUnit.SECONDS.toNanos(1) / perSecond / 2;
            int calls = (int) (duration.toNanos() / period);
            long[] times = new long[calls];
            long[] late = new long[calls];
            AtomicLong slots = new AtomicLong();
            long programCpu = program.cpuNanos();
            long ownCpu = OWN.getProcessCpuTime();
            // Time for every caller to have its connections before the first call is due.
            long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
            inParallel(callers, caller -> {
                try (Caller through = new Caller(function);
                        Caller bare = new Caller(straight)) {
                    int slot;
                    while ((slot = (int) slots.getAndIncrement()) < calls) {
                        Caller line = slot % 2 == 0 ? through : bare;
                        Call call = line.next();
                        long due = start + slot * period;
                        sleepUntil(due);
                        late[slot] = System.nanoTime() - due;
                        line.post(call);
                        times[slot] = System.nanoTime() - due;
                    }
                }
            });
            long elapsed = System.nanoTime() - start;
            // The generator's own time cannot be separated here: both targets are called side by side.
            long own = (OWN.getProcessCpuTime() - ownCpu) / 2;
            return new Steady(
                    new Result(Samples.everyOther(times, 0), elapsed, program.cpuNanos() - programCpu, own),
                    new Result(Samples.everyOther(times, 1), elapsed, 0, own),
                    Samples.of(late));
        }

        private static void sleepUntil(long due) {
            long left;
            while ((left = due - System.nanoTime()) > 0) {
                LockSupport.parkNanos(left);
            }
        }

        private interface Work {
            void by(int caller) throws IOException;
        }

        private void inParallel(int callers, Work work) throws InterruptedException {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                Thread thread = new Thread(() -> {
                    try {
                        work.by(caller);
                    } catch (IOException lost) {
                        mistakes.add("A caller lost its connection: " + lost);
                    } catch (RuntimeException | Error bug) {
                        mistakes.add("A caller failed: " + bug);
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }

        /** One caller's line to a target; it goes back to the target when the caller is done. */
        private final class Caller implements AutoCloseable {

            private final Target target;
            private Connection connection;

            Caller(Target target) throws IOException {
                this.target = target;
                this.connection = target.connection();
            }

            Call next() {
                return target.calls().apply(target.counter().getAndIncrement());
            }

            void post(Call call) throws IOException {
                try {
                    String answer = connection.post(call.request());
                    if (!answer.contains(call.due())) {
                        mistakes.add("Due was " + call.due() + ", the answer was: " + answer);
                    }
                } catch (IOException lost) {
                    mistakes.add("No answer: " + lost);
                    connection.close();
                    connection = new Connection(target.port());
                }
            }

            @Override
            public void close() {
                target.idle().add(connection);
            }
        }
    }

    /** Answers that were not due. A load that got them is not the load that the table names. */
    static final class Mistakes {

        private final AtomicLong count = new AtomicLong();
        private volatile String first = "";

        synchronized void add(String mistake) {
            if (count.getAndIncrement() == 0) {
                first = mistake;
            }
        }

        void expect(String what, long due, long had) {
            if (due != had) {
                add(what + ": " + due + " were due, " + had + " came");
            }
        }

        long count() {
            return count.get();
        }

        @Override
        public String toString() {
            return count + " mistakes, so the table is not to be trusted. The first: " + first;
        }
    }

    // ---- Both ends: HipChat's stand-in and the program ----

    /** Accepts every notification, at once or after a while, and counts. */
    static final class HipChatStandIn implements AutoCloseable {

        private final FakeHipChat fake = FakeHipChat.start();
        private int delay;

        HipChatStandIn(int delay) {
            fake.countOnly();
            delay(delay);
        }

        int port() {
            return fake.port();
        }

        String url() {
            return fake.url();
        }

        long accepted() {
            return fake.acceptedCount();
        }

        void delay(int milliseconds) {
            delay = milliseconds;
            fake.reacts(delay == 0 ? Reaction.accepts() : Reaction.accepts().after(Duration.ofMillis(delay)));
        }

        /** As part of a load's name; nothing when the answer comes at once. */
        String named() {
            return delay == 0 ? "" : ", HipChat takes " + delay + " ms";
        }

        @Override
        public void close() {
            fake.close();
        }
    }

    /** The program as a child process. */
    static final class Program implements AutoCloseable {

        private static final Duration PATIENCE = Duration.ofSeconds(60);
        private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(1);
        private static final Pattern USED = Pattern.compile("used (\\d+)([KMG])");

        private final int port;
        private final long start;
        private final Child child;
        private long listeningAfter = -1;

        private Program(int port, long start, Child child) {
            this.port = port;
            this.start = start;
            this.child = child;
        }

        static Program start(Variant variant, HipChatStandIn hipChat) throws IOException {
            int port = freePort();
            long start = System.nanoTime();
            return new Program(
                    port,
                    start,
                    Child.of(
                            variant,
                            hipChat,
                            Path.of("."),
                            Map.of("QUARKUS_HTTP_HOST", "127.0.0.1", "QUARKUS_HTTP_PORT", String.valueOf(port))));
        }

        Child child() {
            return child;
        }

        int port() {
            return port;
        }

        /** Nanoseconds from the start to the first connection that was taken. */
        long listeningAfter() {
            return listeningAfter;
        }

        void untilListening() throws IOException {
            firstConnection().close();
        }

        /** Posts from when the port is open until all is done that is due; nanoseconds from the start to that answer. */
        long untilAnswered(byte[] alert, BooleanSupplier done) throws IOException {
            while (true) {
                String answer;
                try (Connection connection = firstConnection()) {
                    answer = connection.post(alert);
                } catch (IOException notYet) {
                    answer = notYet.toString();
                }
                long now = System.nanoTime() - start;
                if (answer.startsWith("HTTP/1.1 200") && done.getAsBoolean()) {
                    return now;
                }
                checkPatience("gave no 200; last was: " + answer);
            }
        }

        private Connection firstConnection() throws IOException {
            while (true) {
                try {
                    Connection connection = new Connection(port);
                    if (listeningAfter < 0) {
                        listeningAfter = System.nanoTime() - start;
                    }
                    return connection;
                } catch (ConnectException notYet) {
                    checkPatience("does not listen");
                    LockSupport.parkNanos(LOOK);
                }
            }
        }

        private void checkPatience(String trouble) throws IOException {
            if (!child.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
                throw child.trouble(trouble);
            }
        }

        /** Processor time so far, user and system. */
        long cpuNanos() {
            return child.cpuNanos();
        }

        long residentBytes() throws IOException {
            return child.residentBytes();
        }

        /** Heap that is still in use after a full collection; -1 where the program is no JVM. */
        long heapBytesAfterCollection() throws Exception {
            String collected = jcmd("GC.run");
            if (!collected.contains("executed successfully")) {
                return -1;
            }
            // One line with "used" for each part of the heap, whichever collector; metaspace is no part of it.
            return jcmd("GC.heap_info")
                    .lines()
                    .filter(line -> !line.contains("Metaspace") && !line.contains("class space"))
                    .map(USED::matcher)
                    .filter(Matcher::find)
                    .mapToLong(used -> Long.parseLong(used.group(1)) << shift(used.group(2)))
                    .sum();
        }

        private static int shift(String unit) {
            return switch (unit) {
                case "K" -> 10;
                case "M" -> 20;
                default -> 30;
            };
        }

        private String jcmd(String command) throws Exception {
            Path jcmd = Child.JDK.resolve("jcmd");
            return Files.exists(jcmd) ? output(jcmd.toString(), String.valueOf(child.pid()), command) : "";
        }

        @Override
        public void close() throws InterruptedException {
            child.close();
        }
    }

    /** A Redis server that keeps nothing on disk, as a child process, and a connection to it. */
    static final class Redis implements AutoCloseable {

        private static final Duration PATIENCE = Duration.ofSeconds(20);
        private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(10);
        private static final int MARK = 123_456_789;
        private static final Pattern CALLS = Pattern.compile("^cmdstat_(?:get|z\\w+):calls=(\\d+)");
        private static final Pattern BYTES = Pattern.compile("^total_net_(?:in|out)put_bytes:(\\d+)");
        private static final String FILL = """
                for id = 0, ARGV[1] - 1 do
                  redis.call('SET', ARGV[2] .. id .. ARGV[3], ARGV[4], 'PX', ARGV[5])
                end
                """;

        /**
         * An alert as the program itself keeps it.
         *
         * @param head the key up to where the id's number stands
         * @param tail the key from there on
         * @param entry what is kept under it
         * @param ttl for how many milliseconds
         */
        record Filling(String head, String tail, String entry, String ttl) {}

        private final int port;
        private final Child child;
        private final Socket socket;
        private final InputStream in;

        private Redis(int port, Child child, Socket socket) throws IOException {
            this.port = port;
            this.child = child;
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        static Redis start(Path server) throws Exception {
            int port = freePort();
            Path log = RESULTS.resolve("redis-server.log");
            Child child = Child.of(
                    new ProcessBuilder(server.toString(), "--port", "" + port, "--bind", "127.0.0.1", "--save", ""),
                    log);
            long start = System.nanoTime();
            while (child.isAlive() && System.nanoTime() - start < PATIENCE.toNanos()) {
                try {
                    return new Redis(port, child, new Socket(InetAddress.getLoopbackAddress(), port));
                } catch (ConnectException notYet) {
                    LockSupport.parkNanos(LOOK);
                }
            }
            child.close();
            throw child.trouble("does not listen");
        }

        Map<String, String> settings() {
            return Map.of("HIPCHAT_STATE_STORE", "redis", "QUARKUS_REDIS_HOSTS", "redis://127.0.0.1:" + port);
        }

        /** Lets the program send one alert, and finds out what it keeps of it. */
        Filling learn(Program program) throws IOException {
            ask("FLUSHALL");
            try (Connection connection = new Connection(program.port())) {
                connection.post(
                        Alerts.post(program.port(), Target.STATEFUL, Alerts.event(0, MARK, Alerts.repeated(0))));
            }
            String key = ask("RANDOMKEY");
            String[] around = key.split(String.valueOf(MARK), -1);
            if (around.length != 2) {
                throw new IllegalStateException("The program kept nothing under the alert's id, but: " + key);
            }
            return new Filling(around[0], around[1], ask("GET", key), ask("PTTL", key));
        }

        /** Makes it remember so many alerts and no others; the bytes that each of them takes. */
        double fill(Filling alert, int alerts) throws IOException {
            ask("FLUSHALL");
            long empty = usedBytes();
            ask("EVAL", FILL, "0", "" + alerts, alert.head(), alert.tail(), alert.entry(), alert.ttl());
            return (double) (usedBytes() - empty) / alerts;
        }

        /** Without what the connections take, which come and go. */
        private long usedBytes() throws IOException {
            Map<String, String> memory = ask("INFO", "memory")
                    .lines()
                    .filter(line -> line.contains(":"))
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.indexOf(':')),
                            line -> line.substring(line.indexOf(':') + 1)));
            return Long.parseLong(memory.get("used_memory")) - Long.parseLong(memory.get("mem_clients_normal"));
        }

        /** The answer as text. */
        String ask(String... words) throws IOException {
            StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
            for (String word : words) {
                request.append("$" + word.length() + "\r\n" + word + "\r\n");
            }
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            String answer = line();
            if (answer.startsWith("-")) {
                throw new IOException("Redis answers " + words[0] + " with " + answer);
            }
            if (!answer.startsWith("$")) {
                return answer.substring(1);
            }
            int length = Integer.parseInt(answer.substring(1));
            if (length < 0) {
                return "";
            }
            String text = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
            line();
            return text;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            int next;
            while ((next = in.read()) != '\n') {
                if (next < 0) {
                    throw new EOFException("Redis closed the connection");
                }
                line.append((char) next);
            }
            return line.toString().strip();
        }

        /** Returns the number of calls of the program. Each of its scripts makes one GET, which counts for the script. */
        long calls() throws IOException {
            return ask("INFO", "commandstats")
                    .lines()
                    .map(CALLS::matcher)
                    .filter(Matcher::find)
                    .mapToLong(command -> Long.parseLong(command.group(1)))
                    .sum();
        }

        /** Returns the bytes that the server received and sent. */
        long networkBytes() throws IOException {
            return ask("INFO", "stats")
                    .lines()
                    .map(BYTES::matcher)
                    .filter(Matcher::find)
                    .mapToLong(bytes -> Long.parseLong(bytes.group(1)))
                    .sum();
        }

        long cpuNanos() {
            return child.cpuNanos();
        }

        @Override
        public void close() throws Exception {
            socket.close();
            child.close();
        }
    }

    /** Another process, gone with this one. */
    record Child(Process process, Path log, Thread atExit) implements AutoCloseable {

        static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

        /** The program or a bare function, with settings of its own on top of those that all have. */
        static Child of(Variant variant, HipChatStandIn hipChat, Path folder, Map<String, String> settings)
                throws IOException {
            List<String> command = new ArrayList<>(variant.command());
            if (command.get(0).equals("java")) {
                command.set(0, JDK.resolve("java").toString());
            }
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
            // What happens to be set around the benchmark must not change what it measures.
            builder.environment()
                    .keySet()
                    .removeIf(key -> key.matches(
                            "(HIPCHAT|KAPACITOR|QUARKUS|AWS|LAMBDA)_.*|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS"));
            builder.environment()
                    .putAll(Map.of(
                            "HIPCHAT_ENABLED", "true",
                            "HIPCHAT_URL", hipChat.url(),
                            "HIPCHAT_ROOM", "alerts",
                            "HIPCHAT_TOKEN", "bench-token"));
            builder.environment().putAll(settings);
            builder.environment().putAll(variant.env());
            return of(builder, RESULTS.resolve(variant.name() + ".log"));
        }

        static Child of(ProcessBuilder builder, Path log) throws IOException {
            Process process = builder.redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Thread atExit = new Thread(process::destroyForcibly);
            Runtime.getRuntime().addShutdownHook(atExit);
            return new Child(process, log, atExit);
        }

        long pid() {
            return process.pid();
        }

        boolean isAlive() {
            return process.isAlive();
        }

        /** Processor time so far, user and system. */
        long cpuNanos() {
            return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
        }

        /** Resident memory; -1 where the system does not say. */
        long residentBytes() throws IOException {
            Path status = Path.of("/proc", String.valueOf(pid()), "status");
            if (!Files.exists(status)) {
                return -1;
            }
            try (Stream<String> lines = Files.lines(status)) {
                return lines.filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                        .findFirst()
                        .orElse(-1);
            }
        }

        /** Asks it to end, and waits for as long as it takes to write an AOT cache. */
        void end() throws IOException, InterruptedException {
            process.destroy();
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                throw trouble("does not end");
            }
        }

        IllegalStateException trouble(String what) throws IOException {
            return new IllegalStateException(
                    log.getFileName() + ": it " + what + ". Its output:\n" + Files.readString(log));
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException exiting) {
                // The hook is running already, and finds nothing left to end.
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? output.strip() : "";
    }

    // ---- The result ----

    /** Times in nanoseconds. */
    static final class Samples {

        private long[] values = new long[1024];
        private int size;
        private boolean sorted;

        static Samples of(long... values) {
            Samples samples = new Samples();
            Arrays.stream(values).forEach(samples::add);
            return samples;
        }

        static Samples everyOther(long[] values, int first) {
            Samples samples = new Samples();
            for (int i = first; i < values.length; i += 2) {
                samples.add(values[i]);
            }
            return samples;
        }

        void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
            sorted = false;
        }

        Samples and(Samples other) {
            Samples both = new Samples();
            both.values = Arrays.copyOf(values, size + other.size + 1);
            System.arraycopy(other.values, 0, both.values, size, other.size);
            both.size = size + other.size;
            return both;
        }

        int size() {
            return size;
        }

        /** By nearest rank: a time that was really taken. */
        long quantile(double q) {
            if (!sorted) {
                Arrays.sort(values, 0, size);
                sorted = true;
            }
            return size == 0 ? 0 : values[Math.max(0, (int) Math.ceil(q * size) - 1)];
        }
    }

    /** Rows of equal columns, aligned for people and as CSV for everything else. */
    static final class Table {

        private static final List<String> LOADS = List.of(
                "variant",
                "measure",
                "load",
                "n",
                "ratio",
                "p50",
                "p99",
                "min",
                "max",
                "unit",
                "per s",
                "cpu us",
                "own cpu us");

        private final List<String> columns;
        private final int labels;
        private final List<String[]> rows = new ArrayList<>();

        /** The first {@code labels} columns are words, the others figures. */
        Table(List<String> columns, int labels) {
            this.columns = columns;
            this.labels = labels;
        }

        static Table ofLoads() {
            return new Table(LOADS, 3);
        }

        void add(List<String> cells) {
            rows.add(cells.toArray(String[]::new));
        }

        Row row(Variant variant, String measure, String load) {
            String[] cells = new String[LOADS.size()];
            Arrays.fill(cells, "");
            cells[0] = variant.name();
            cells[1] = measure;
            cells[2] = load;
            rows.add(cells);
            return new Row(cells);
        }

        record Row(String[] cells) {

            Row ratio(long value, long base) {
                if (value > 0 && base > 0) {
                    put("ratio", String.format(Locale.ROOT, "%.2f", (double) value / base));
                }
                return this;
            }

            Row times(Samples times) {
                put("n", String.valueOf(times.size()));
                put("p50", ms(times.quantile(0.5)));
                put("p99", ms(times.quantile(0.99)));
                put("min", ms(times.quantile(0)));
                put("max", ms(times.quantile(1)));
                put("unit", "ms");
                return this;
            }

            /** Differences of quantiles: a call through the function and one past it are never the same call. */
            Row difference(Samples with, Samples without) {
                put("n", String.valueOf(with.size()));
                put("p50", ms(with.quantile(0.5) - without.quantile(0.5)));
                put("p99", ms(with.quantile(0.99) - without.quantile(0.99)));
                put("unit", "ms");
                return this;
            }

            Row result(Load.Result result) {
                int calls = result.times().size();
                times(result.times());
                if (calls > 0) {
                    put("per s", String.format(Locale.ROOT, "%.0f", calls * 1e9 / result.elapsed()));
                    put("cpu us", result.programCpu() == 0 ? "" : us(result.programCpu() / calls));
                    put("own cpu us", us(result.ownCpu() / calls));
                }
                return this;
            }

            Row megabytes(long bytes) {
                put("n", "1");
                put("p50", bytes < 0 ? "-" : String.format(Locale.ROOT, "%.1f", bytes / 1048576.0));
                put("unit", "MiB");
                return this;
            }

            private void put(String column, String value) {
                cells[LOADS.indexOf(column)] = value;
            }

            private static String ms(long nanos) {
                return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
            }

            private static String us(long nanos) {
                return String.format(Locale.ROOT, "%.0f", nanos / 1e3);
            }
        }

        String csv() {
            StringBuilder csv = new StringBuilder();
            lines().forEach(cells -> csv.append(String.join(
                            ",",
                            Arrays.stream(cells)
                                    .map(cell -> cell.contains(",") ? "\"" + cell + "\"" : cell)
                                    .toList()))
                    .append('\n'));
            return csv.toString();
        }

        String markdown() {
            return Stream.concat(
                            Stream.of(columns, Collections.nCopies(columns.size(), "---")),
                            rows.stream().map(List::of))
                    .map(cells -> "| " + String.join(" | ", cells) + " |\n")
                    .collect(Collectors.joining());
        }

        String text() {
            int[] widths = new int[columns.size()];
            lines().forEach(cells -> {
                for (int i = 0; i < widths.length; i++) {
                    widths[i] = Math.max(widths[i], cells[i].length());
                }
            });
            StringBuilder text = new StringBuilder();
            lines().forEach(cells -> {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < widths.length; i++) {
                    String gap = " ".repeat(widths[i] - cells[i].length());
                    line.append(i < labels ? cells[i] + gap : gap + cells[i]).append("  ");
                }
                text.append(line.toString().stripTrailing()).append('\n');
            });
            return text.toString();
        }

        private Stream<String[]> lines() {
            return Stream.concat(Stream.<String[]>of(columns.toArray(new String[0])), rows.stream());
        }
    }

    /** What the figures depend on besides the program. */
    static final class Machine {

        private Machine() {}

        static String line() throws IOException, InterruptedException {
            OperatingSystemMXBean system = Load.OWN;
            return String.format(
                    Locale.ROOT,
                    "%d cores; %s; %d GiB RAM; load %.1f at start; %s %s; %s; commit %s",
                    system.getAvailableProcessors(),
                    cpu(),
                    Math.round(system.getTotalMemorySize() / (double) (1 << 30)),
                    system.getSystemLoadAverage(),
                    System.getProperty("java.vm.name"),
                    System.getProperty("java.vm.version"),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS),
                    commit());
        }

        private static String cpu() throws IOException {
            Path info = Path.of("/proc/cpuinfo");
            if (Files.exists(info)) {
                try (Stream<String> lines = Files.lines(info)) {
                    return lines.filter(line -> line.startsWith("model name"))
                            .map(line -> line.substring(line.indexOf(':') + 1).strip())
                            .findFirst()
                            .orElse(System.getProperty("os.arch"));
                }
            }
            return System.getProperty("os.arch");
        }

        private static String commit() throws InterruptedException {
            try {
                String commit = output("git", "describe", "--always", "--dirty", "--exclude=*");
                return commit.isEmpty() ? "unknown" : commit;
            } catch (IOException noGit) {
                return "unknown";
            }
        }
    }
}
