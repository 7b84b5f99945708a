import io.hipchatalerts.fake.Acceptance;
import io.hipchatalerts.fake.Answer;
import io.hipchatalerts.fake.Exchange;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the packaged program for minutes while everything around it fails in turns, and counts changes that are lost,
 * sent twice or sent late. {@code --never-retry} does so with senders that post each event once. {@code --storm} sends
 * ten times as many changes to one room as HipChat accepts. {@code --away} measures an absence of HipChat. README.md
 * beside it describes the runs and their results.
 *
 * <p>One file, the JDK, and the HipChat of the tests, as Bench.java beside it.
 */
public final class Soak {

    private static final String HELP = """
            Usage: src/bench/soak [options]
              --quick            a smoke run of about 40 seconds
              --minutes N        how long alerts come in (10)
              --never-retry      senders post each event once; an instance is killed every five seconds
              --storm            instead: 300 changes a minute for one room whose HipChat accepts 30
              --alerts N         the alerts of the storm (60)
              --away SECONDS     instead: 1 000 alerts change while HipChat answers 503 for so long
              --seed N           what is sent and what fails; how threads and processes interleave does not follow it
              --command COMMAND  another way to run the program; split at spaces, "java" is the JDK of this run
              --redis PATH       the redis-server or valkey-server to start
            Exit code 1: something was lost, came out of order, or was repeated without an unclear answer or a kill
            that explains it.
            """;

    private static final Path LOGS = Path.of("target", "soak");
    private static final List<String> LEVELS = List.of("OK", "INFO", "WARNING", "CRITICAL");

    private Soak() {}

    /** Runs what {@code arguments} ask for. */
    public static void main(String... arguments) throws Exception {
        if (List.of(arguments).contains("--help")) {
            System.out.print(HELP);
            return;
        }
        Options options;
        try {
            options = Options.of(arguments);
        } catch (IllegalArgumentException misused) {
            System.err.println(misused.getMessage());
            System.err.print(HELP);
            System.exit(2);
            return;
        }
        Files.createDirectories(LOGS);
        System.out.printf("%s; seed %d%n", machine(), options.seed());
        boolean right =
                switch (options.mode()) {
                    case FAULTS, NEVER_RETRY -> new Faults(options).run();
                    case STORM -> new Storm(options).run();
                    case AWAY -> new Away(options).run();
                };
        System.exit(right ? 0 : 1);
    }

    /** What is going on, apart from the result, so that the result alone can be redirected. */
    private static void say(String what) {
        System.err.println("# " + what);
    }

    private static String machine() throws Exception {
        Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--exclude=*").start();
        String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return String.format(
                Locale.ROOT,
                "%d cores; load %.1f at start; Java %s; %s; commit %s",
                Runtime.getRuntime().availableProcessors(),
                java.lang.management.ManagementFactory.getOperatingSystemMXBean()
                        .getSystemLoadAverage(),
                Runtime.version(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                commit.isEmpty() ? "unknown" : commit);
    }

    private enum Mode {
        FAULTS,
        NEVER_RETRY,
        STORM,
        AWAY
    }

    /** The options of the command line. */
    record Options(
            Mode mode, Duration length, boolean quick, int alerts, long seed, List<String> command, String redis) {

        static Options of(String... arguments) {
            Mode mode = Mode.FAULTS;
            Duration length = Duration.ofMinutes(10);
            boolean quick = false;
            int alerts = 60;
            long seed = new SplittableRandom().nextInt(1_000_000);
            String command = "java -jar target/quarkus-app/quarkus-run.jar";
            String redis = "redis-server";
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--quick" -> quick = true;
                    case "--never-retry" -> mode = Mode.NEVER_RETRY;
                    case "--storm" -> mode = Mode.STORM;
                    case "--away" -> {
                        mode = Mode.AWAY;
                        length = Duration.ofSeconds((long) number(arguments, ++i));
                    }
                    case "--alerts" -> alerts = (int) number(arguments, ++i);
                    case "--minutes" -> length = Duration.ofSeconds((long) (60 * number(arguments, ++i)));
                    case "--seed" -> seed = (long) number(arguments, ++i);
                    case "--command" -> command = value(arguments, ++i);
                    case "--redis" -> redis = value(arguments, ++i);
                    default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
                }
            }
            if (quick && mode != Mode.AWAY) {
                length = Duration.ofSeconds(20);
            }
            return new Options(mode, length, quick, alerts, seed, List.of(command.split(" ")), redis);
        }

        private static double number(String[] arguments, int i) {
            try {
                return Double.parseDouble(value(arguments, i));
            } catch (NumberFormatException none) {
                throw new IllegalArgumentException(arguments[i - 1] + " needs a number, not " + arguments[i]);
            }
        }

        private static String value(String[] arguments, int i) {
            if (i == arguments.length) {
                throw new IllegalArgumentException(arguments[i - 1] + " needs a value");
            }
            return arguments[i];
        }
    }

    // ---- Under faults ----

    /** Many alerts, two instances, a HipChat that fails in turns, and instances that are stopped and killed. */
    private static final class Faults {

        private static final int ALERTS = 120;
        private static final int ROOMS = 4;
        private static final int PER_SECOND = 20;
        private static final int MOST_OPEN = 400;
        private static final Duration DRAIN = Duration.ofSeconds(120);

        private final Options options;
        private final SplittableRandom random;

        Faults(Options options) {
            this.options = options;
            random = new SplittableRandom(options.seed());
        }

        boolean run() throws Exception {
            boolean retries = options.mode() != Mode.NEVER_RETRY;
            Moods moods = new Moods(options.seed(), options.quick() || !retries ? 1_500 : 4_000);
            try (Store redis = Store.started(options);
                    Rooms hipChat = new Rooms(moods);
                    Fleet fleet = Fleet.started(
                            options,
                            hipChat,
                            redis,
                            Map.of(
                                    "HIPCHAT_DEADLINE", "6s",
                                    "HIPCHAT_REQUEST_TIMEOUT", "2s",
                                    "HIPCHAT_PENDING_POLL", "5s",
                                    "HIPCHAT_STATE_ON_OUTAGE", "fail"))) {
                Sender sender = new Sender(fleet, Duration.ofSeconds(5), retries);
                sender.warmUp();
                List<Alert> alerts = new ArrayList<>();
                for (int i = 0; i < ALERTS; i++) {
                    alerts.add(new Alert("alert" + i, "room" + i % ROOMS));
                }
                alerts.forEach(alert -> hipChat.alerts.put(alert.id, alert));
                say("alerts come in for " + options.length().toSeconds() + " s");
                moods.begin(hipChat.fake);
                Aftermath aftermath = new Aftermath(sender, hipChat, redis);
                Stopper stopper = retries
                        ? new Stopper(fleet, aftermath, Duration.ofSeconds(options.quick() ? 3 : 10), true)
                        : new Stopper(fleet, aftermath, Duration.ofSeconds(5), false);
                stopper.start();
                stream(alerts, sender);
                say("no more faults; open and pending changes are sent");
                stopper.end();
                moods.end();
                boolean drained = sender.drained(DRAIN);
                // Without a flush: the timers and polls of the instances have to find everything.
                drained &= redis.nothingPending(DRAIN);
                long flushed = fleet.flush();
                return new Count(alerts, sender, hipChat, stopper, moods, drained, flushed, retries).print();
            }
        }

        private void stream(List<Alert> alerts, Sender sender) throws InterruptedException {
            long begin = System.nanoTime();
            long due = 0;
            for (int number = 1; due < options.length().toNanos(); number++) {
                Alert alert = alerts.get(random.nextInt(ALERTS));
                // One in three repeats its level.
                String level = random.nextInt(3) == 0 ? alert.newest() : LEVELS.get(random.nextInt(LEVELS.size()));
                sender.deliver(alert.event(number, level));
                due += TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
                while (System.nanoTime() - begin < due || sender.open() > MOST_OPEN) {
                    Thread.sleep(5);
                }
                due = Math.max(due, System.nanoTime() - begin - TimeUnit.SECONDS.toNanos(1));
            }
        }
    }

    /** The faults of HipChat, for some seconds each and with good times between them, in an order from the seed. */
    private static final class Moods implements Rooms.Script {

        private enum Mood {
            ACCEPTS,
            LIMITS,
            FAILS,
            HANGS,
            ACCEPTS_AND_CUTS,
            ACCEPTS_LATE,
            STALLS_IN_BODY,
            IS_NOT_THERE
        }

        private static final List<Mood> BAD = List.of(
                Mood.LIMITS,
                Mood.FAILS,
                Mood.HANGS,
                Mood.ACCEPTS_AND_CUTS,
                Mood.ACCEPTS_LATE,
                Mood.STALLS_IN_BODY,
                Mood.IS_NOT_THERE);

        /** Less than the request timeout of the instances: HipChat accepts no later after the client gave up. */
        private static final int LATEST = 1_500;

        private final SplittableRandom random;
        private final long phase;
        private final Map<String, AtomicInteger> counts = new TreeMap<>();
        private volatile Mood mood = Mood.ACCEPTS;
        private volatile long until;
        private volatile boolean ended;
        private Thread turns;

        Moods(long seed, long phase) {
            random = new SplittableRandom(seed + 1);
            this.phase = phase;
            for (Mood each : Mood.values()) {
                counts.put(each.name(), new AtomicInteger());
            }
        }

        void begin(FakeHipChat hipChat) {
            turns = inBackground("moods", () -> {
                List<Mood> left = new ArrayList<>();
                while (!ended) {
                    if (left.isEmpty()) {
                        left.addAll(BAD);
                        for (int i = left.size() - 1; i > 0; i--) {
                            Collections.swap(left, i, random.nextInt(i + 1));
                        }
                    }
                    turn(Mood.ACCEPTS);
                    Mood bad = left.remove(0);
                    if (bad == Mood.IS_NOT_THERE) {
                        count(bad);
                        hipChat.goAway();
                        turn(bad);
                        hipChat.comeBack();
                    } else {
                        turn(bad);
                    }
                }
            });
        }

        void end() throws InterruptedException {
            ended = true;
            turns.join();
            mood = Mood.ACCEPTS;
        }

        private void turn(Mood next) throws InterruptedException {
            until = System.currentTimeMillis() + phase;
            mood = next;
            Thread.sleep(ended ? 0 : phase);
        }

        private void count(Mood what) {
            counts.get(what.name()).incrementAndGet();
        }

        @Override
        public Reaction reactionTo(Rooms.Call call) {
            Mood now = mood;
            // Flood control refuses all; the other faults strike one request in two, so that some get through.
            boolean well = now != Mood.LIMITS && call.number() % 2 == 0;
            Mood what = well ? Mood.ACCEPTS : now;
            if (what != Mood.IS_NOT_THERE) {
                count(what);
            }
            // An error of HipChat's own leaves open whether the room has the message.
            boolean isAcceptedAllTheSame = call.number() % 4 == 1;
            return switch (what) {
                case LIMITS -> Reaction.throttles().floodControl(30, 0, Instant.ofEpochMilli(until + 1_000));
                case FAILS -> {
                    if (isAcceptedAllTheSame) {
                        call.isAccepted(true);
                    }
                    yield Reaction.answers(500);
                }
                case HANGS -> Reaction.hangs();
                case ACCEPTS_AND_CUTS -> {
                    call.isAccepted(true);
                    yield Reaction.acceptsAndCuts();
                }
                case ACCEPTS_LATE -> call.isAcceptedLate(Duration.ofMillis(call.number() * 37L % LATEST));
                case STALLS_IN_BODY ->
                    isAcceptedAllTheSame
                            ? call.accepts(Reaction.accepts(200).stallsInBody())
                            : Reaction.answers(500).stallsInBody();
                case ACCEPTS, IS_NOT_THERE -> call.accepts(Reaction.accepts());
            };
        }
    }

    /** Kills one instance after the other, or stops them with SIGKILL and SIGTERM in turns, and starts them again. */
    private static final class Stopper {

        private final Fleet fleet;
        private final Aftermath aftermath;
        private final Duration pause;
        private final boolean terminates;
        private final AtomicInteger terms = new AtomicInteger();
        private final AtomicInteger kills = new AtomicInteger();
        private volatile boolean ended;
        private Thread thread;

        Stopper(Fleet fleet, Aftermath aftermath, Duration pause, boolean terminates) {
            this.fleet = fleet;
            this.aftermath = aftermath;
            this.pause = pause;
            this.terminates = terminates;
        }

        void start() {
            thread = inBackground("stopper", () -> {
                // Each signal once at least, however slowly instances start here.
                for (int turn = 0; !ended || turn < 2; turn++) {
                    long end = System.nanoTime() + pause.toNanos();
                    if (turn > 0) {
                        fleet.instances.get(victim(turn - 1)).untilListening();
                    }
                    while (!ended && System.nanoTime() < end) {
                        Thread.sleep(50);
                    }
                    Instance victim = fleet.instances.get(victim(turn));
                    if (terminates && turn % 2 == 1) {
                        terms.incrementAndGet();
                        victim.terminated();
                    } else {
                        kills.incrementAndGet();
                        Set<Event> underWay = aftermath.underWay(victim);
                        victim.killed();
                        aftermath.of(victim, underWay);
                    }
                    victim.starts();
                }
                for (Instance instance : fleet.instances) {
                    instance.untilListening();
                }
            });
        }

        /** Each of the two instances gets each of the two signals. */
        private int victim(int turn) {
            return (terminates ? turn / 2 : turn) % fleet.instances.size();
        }

        /** With all instances up. */
        void end() throws InterruptedException {
            ended = true;
            thread.join();
        }
    }

    /**
     * The record of an alert shows what a killed process leaves behind. An event that is in the record was claimed, and
     * must be sent. A message that the record does not show as sent may be sent again.
     */
    private record Aftermath(Sender sender, Rooms hipChat, Store redis) {

        private static final Duration LONGEST_UNRECORDED = Duration.ofSeconds(15);

        Set<Event> underWay(Instance victim) {
            return Set.copyOf(sender.underWay.get(victim));
        }

        void of(Instance victim, Set<Event> underWay) throws IOException {
            for (Event event : underWay) {
                if (redis.record(event.alert).contains("\"message\":\"" + event.message())) {
                    event.isClaimed = true;
                }
            }
            long since = System.currentTimeMillis() - LONGEST_UNRECORDED.toMillis();
            for (Alert alert : hipChat.acceptedFrom(victim.name(), since)) {
                if (redis.record(alert).contains("\"lastSent\":\"UNKNOWN\"")) {
                    alert.mayBeRepeated();
                }
            }
        }
    }

    /** The result of a run under faults. */
    private record Count(
            List<Alert> alerts,
            Sender sender,
            Rooms hipChat,
            Stopper stopper,
            Moods moods,
            boolean drained,
            long pending,
            boolean retries) {

        boolean print() {
            int lost = 0;
            int unsent = 0;
            int disordered = 0;
            int repeated = 0;
            int allowed = 0;
            int beyond = 0;
            int unheard = hipChat.forgiveUnheard();
            List<Long> late = new ArrayList<>();
            for (Alert alert : alerts) {
                synchronized (alert) {
                    boolean isLost = retries ? alert.isLost() : alert.isPromiseLost();
                    lost += isLost ? 1 : 0;
                    unsent += alert.unsent();
                    disordered += alert.disordered();
                    int more = alert.repeated();
                    repeated += more;
                    allowed += alert.unclear;
                    beyond += Math.max(0, more - alert.unclear);
                    alert.messages.forEach(message -> late.add(message.at() - message.event().firstPost));
                    if (isLost || more > alert.unclear || alert.disordered() > 0 || alert.unsent() > 0) {
                        System.out.println(alert);
                    }
                }
            }
            Collections.sort(late);
            Map<String, String> rows = new LinkedHashMap<>();
            rows.put("events", String.valueOf(sender.events.get()));
            rows.put("deliveries of them", String.valueOf(sender.deliveries.get()));
            sender.answers.forEach((answer, count) -> rows.put("  answered " + answer, count.toString()));
            if (!retries) {
                rows.put("  without an answer, but claimed by a process that was killed", String.valueOf(claimed()));
            }
            rows.put("longest wait of a caller, ms", sender.longestAnswer.toString());
            rows.put("requests to HipChat", String.valueOf(hipChat.requests));
            moods.counts.forEach((mood, count) -> rows.put("  HipChat " + mood, count.toString()));
            rows.put("  answers that the program had given up on", String.valueOf(unheard));
            rows.put("instances killed / terminated", stopper.kills + " / " + stopper.terms);
            rows.put("changes in the rooms, digests by line", String.valueOf(late.size()));
            rows.put("digests", hipChat.digests.toString());
            rows.put("sent after, p50 / p99 / max ms", quantiles(late));
            rows.put("never acknowledged", String.valueOf(sender.open()));
            rows.put("STILL PENDING", String.valueOf(pending));
            rows.put(
                    retries
                            ? "LOST: room does not show the newest level"
                            : "LOST: room does not show the newest answered or claimed level",
                    String.valueOf(lost));
            rows.put("LOST: answered sent, and not in the room", String.valueOf(unsent));
            rows.put("LOST: answered unchanged, and the room showed another", sender.wronglyUnchanged.toString());
            rows.put("OUT OF ORDER", String.valueOf(disordered));
            rows.put("REPEATED, and repeats that unclear answers and kills allow", repeated + " of " + allowed);
            rows.put("REPEATED BEYOND", String.valueOf(beyond));
            boolean right =
                    drained && pending == 0 && lost + unsent + disordered + beyond + sender.wronglyUnchanged.get() == 0;
            rows.put("result", right ? "as promised" : "NOT AS PROMISED");
            table(rows);
            return right;
        }

        private long claimed() {
            return alerts.stream()
                    .flatMap(alert -> alert.events.values().stream())
                    .filter(event -> event.isClaimed && event.end == End.UNCERTAIN)
                    .count();
        }
    }

    // ---- Storm ----

    /** Far more changes for one room than its HipChat accepts, from senders that wait for {@code Retry-After}. */
    private static final class Storm {

        private static final int PER_MINUTE = 300;

        private final Options options;

        Storm(Options options) {
            this.options = options;
        }

        boolean run() throws Exception {
            // Quick: storm, windows and deadline a sixth as long, at the same rates and with a sixth of the alerts.
            int part = options.quick() ? 6 : 1;
            Duration length = Duration.ofSeconds(120 / part);
            FloodControl flood = new FloodControl(30 / part, 60 / part);
            try (Store redis = Store.started(options);
                    Rooms hipChat = new Rooms(flood);
                    Fleet fleet = Fleet.started(
                            options,
                            hipChat,
                            redis,
                            Map.of("HIPCHAT_DEADLINE", 25 / part + "s", "HIPCHAT_STATE_ON_OUTAGE", "fail"))) {
                Sender sender = new Sender(fleet, Duration.ofMinutes(10), true);
                sender.warmUp();
                List<Alert> alerts = new ArrayList<>();
                for (int i = 0; i < options.alerts() / part; i++) {
                    alerts.add(new Alert("alert" + i, "storm"));
                }
                alerts.forEach(alert -> hipChat.alerts.put(alert.id, alert));
                SplittableRandom random = new SplittableRandom(options.seed());
                say(PER_MINUTE + " changes a minute for " + length.toSeconds() + " s");
                long begin = System.currentTimeMillis();
                int events = (int) (PER_MINUTE * length.toSeconds() / 60);
                for (int number = 1; number <= events; number++) {
                    Alert alert = alerts.get(random.nextInt(alerts.size()));
                    String level = LEVELS.get((LEVELS.indexOf(alert.newest()) + 1 + random.nextInt(3)) % 4);
                    sender.deliver(alert.event(number, level));
                    while (System.currentTimeMillis() - begin < number * 60_000L / PER_MINUTE) {
                        Thread.sleep(5);
                    }
                }
                long stormEnd = System.currentTimeMillis();
                say("the storm is over");
                boolean drained = sender.drained(Duration.ofMinutes(12)) && redis.nothingPending(Duration.ofMinutes(5));
                return count(alerts, sender, flood, begin, stormEnd, drained);
            }
        }

        private boolean count(
                List<Alert> alerts, Sender sender, FloodControl flood, long begin, long stormEnd, boolean drained) {
            long settled = stormEnd;
            int lost = 0;
            int changes = 0;
            int outdated = 0;
            for (Alert alert : alerts) {
                synchronized (alert) {
                    lost += alert.isLost() ? 1 : 0;
                    changes += alert.messages.size();
                    outdated += alert.outdated;
                    if (!alert.messages.isEmpty()) {
                        settled = Math.max(settled, alert.last().at());
                    }
                }
            }
            Map<String, String> rows = new LinkedHashMap<>();
            rows.put("alerts", String.valueOf(alerts.size()));
            rows.put("changes", String.valueOf(sender.events.get()));
            rows.put("deliveries of them", String.valueOf(sender.deliveries.get()));
            sender.answers.forEach((answer, count) -> rows.put("  answered " + answer, count.toString()));
            rows.put("longest wait of a caller, ms", sender.longestAnswer.toString());
            int limited = flood.refused.stream().mapToInt(all -> all).sum();
            int requests = limited + flood.accepted;
            rows.put("requests to HipChat", String.valueOf(requests));
            rows.put("  of them 429", limited + " = " + Math.round(100.0 * limited / Math.max(1, requests)) + " %");
            rows.put("  429 in each window", flood.refused.toString());
            rows.put("  most requests in one second", String.valueOf(flood.most()));
            rows.put("messages in the room", String.valueOf(flood.accepted));
            rows.put("  changes in them, digests by line", String.valueOf(changes));
            rows.put("  outdated already when sent", String.valueOf(outdated));
            rows.put(
                    "room shows all newest levels, s after the storm",
                    String.format(Locale.ROOT, "%.1f", (settled - stormEnd) / 1000.0));
            rows.put("never acknowledged", String.valueOf(sender.open()));
            rows.put("LOST: room does not show the newest level", String.valueOf(lost));
            rows.put("result", drained && lost == 0 ? "as promised" : "NOT AS PROMISED");
            table(rows);
            return drained && lost == 0;
        }
    }

    /** HipChat's limit for a room: so many messages in a window, and headers that say how many are left. */
    private static final class FloodControl implements Rooms.Script {

        private final int limit;
        private final int window;
        private final List<Integer> refused = new ArrayList<>();
        private final Map<Long, Integer> seconds = new TreeMap<>();
        private long reset;
        private int left;
        private int accepted;

        FloodControl(int limit, int window) {
            this.limit = limit;
            this.window = window;
        }

        @Override
        public synchronized Reaction reactionTo(Rooms.Call call) {
            long now = System.currentTimeMillis() / 1000;
            seconds.merge(now, 1, Integer::sum);
            if (now >= reset) {
                reset = now + window;
                left = limit;
                refused.add(0);
            }
            boolean accepts = left > 0;
            left -= accepts ? 1 : 0;
            accepted += accepts ? 1 : 0;
            refused.set(refused.size() - 1, refused.get(refused.size() - 1) + (accepts ? 0 : 1));
            Answer answer = accepts ? Reaction.accepts() : Reaction.throttles();
            Answer withHeaders = answer.floodControl(limit, left, Instant.ofEpochSecond(reset));
            return accepts ? call.accepts(withHeaders) : withHeaders;
        }

        synchronized int most() {
            return seconds.values().stream().mapToInt(all -> all).max().orElse(0);
        }
    }

    // ---- HipChat away ----

    /** Many alerts change while HipChat answers 503; senders post each event once. */
    private static final class Away implements Rooms.Script {

        private static final int ALERTS = 1_000;
        private static final int ROOMS = 10;

        /** An absence of this length takes each room to the longest backoff. Shorter deadlines keep its callers few. */
        private static final Duration LONG = Duration.ofSeconds(120);

        /** The longest backoff, a lease, and time for sending. */
        private static final Duration RECOVERY = Duration.ofSeconds(150);

        private final Options options;
        private volatile boolean isAway;

        Away(Options options) {
            this.options = options;
        }

        @Override
        public Reaction reactionTo(Rooms.Call call) {
            return isAway ? Reaction.answers(503) : call.accepts(Reaction.accepts());
        }

        boolean run() throws Exception {
            Map<String, String> settings = options.length().compareTo(LONG) < 0
                    ? Map.of("HIPCHAT_STATE_ON_OUTAGE", "fail")
                    : Map.of(
                            "HIPCHAT_DEADLINE", "6s",
                            "HIPCHAT_REQUEST_TIMEOUT", "2s",
                            "HIPCHAT_STATE_ON_OUTAGE", "fail");
            int ids = options.quick() ? ALERTS / 10 : ALERTS;
            try (Store redis = Store.started(options);
                    Rooms hipChat = new Rooms(this);
                    Fleet fleet = Fleet.started(options, hipChat, redis, settings)) {
                Sender sender = new Sender(fleet, Duration.ZERO, false);
                sender.warmUp();
                List<Alert> alerts = new ArrayList<>();
                for (int i = 0; i < ids; i++) {
                    alerts.add(new Alert("alert" + i, "room" + i % ROOMS));
                }
                alerts.forEach(alert -> hipChat.alerts.put(alert.id, alert));
                int before = hipChat.requests.get();
                hipChat.requestsFrom.clear();
                isAway = true;
                say("HipChat is away for " + options.length().toSeconds() + " s");
                long begin = System.nanoTime();
                // Each alert changes twice, and three in four end on another level than OK.
                int events = 2 * ids;
                for (int number = 1; number <= events; number++) {
                    Alert alert = alerts.get(number % ids);
                    sender.deliver(alert.event(number, LEVELS.get((number / ids * 2 + number % ids + 1) % 4)));
                    while (System.nanoTime() - begin < options.length().toNanos() / events * number) {
                        Thread.sleep(1);
                    }
                }
                int meanwhile = hipChat.requests.get() - before;
                Map<String, Integer> each = new TreeMap<>();
                hipChat.requestsFrom.forEach((address, requests) -> each.put(address, requests.get()));
                isAway = false;
                long back = System.currentTimeMillis();
                say("HipChat is back");
                boolean drained = sender.drained(RECOVERY) && redis.nothingPending(RECOVERY);
                long pending = fleet.flush();
                return print(alerts, sender, hipChat, meanwhile, each, back, drained && pending == 0);
            }
        }

        private List<Integer> tenths(Rooms hipChat, long back) {
            List<Integer> tenths = new ArrayList<>(Collections.nCopies(10, 0));
            long length = options.length().toMillis();
            hipChat.fake.requests().forEach(request -> {
                long tenth = 10 + Math.floorDiv(10 * (request.at().toEpochMilli() - back), length);
                if (0 <= tenth && tenth < 10) {
                    tenths.set((int) tenth, tenths.get((int) tenth) + 1);
                }
            });
            return tenths;
        }

        private boolean print(
                List<Alert> alerts,
                Sender sender,
                Rooms hipChat,
                int meanwhile,
                Map<String, Integer> each,
                long back,
                boolean drained) {
            long shown = back;
            int lost = 0;
            for (Alert alert : alerts) {
                synchronized (alert) {
                    lost += alert.isLost() ? 1 : 0;
                    shown = alert.messages.isEmpty()
                            ? shown
                            : Math.max(shown, alert.last().at());
                    if (alert.isLost()) {
                        System.out.println(alert);
                    }
                }
            }
            Map<String, String> rows = new LinkedHashMap<>();
            rows.put("alerts, rooms", alerts.size() + ", " + ROOMS);
            rows.put("changes", String.valueOf(sender.events.get()));
            sender.answers.forEach((answer, count) -> rows.put("  answered " + answer, count.toString()));
            rows.put("longest wait of a caller, ms", sender.longestAnswer.toString());
            rows.put("requests to HipChat while it was away", String.valueOf(meanwhile));
            rows.put("  in each tenth of the absence", tenths(hipChat, back).toString());
            rows.put(
                    "  of one instance for one room, fewest / most",
                    each.values().stream().mapToInt(it -> it).min().orElse(0) + " / "
                            + each.values().stream().mapToInt(it -> it).max().orElse(0));
            rows.put("requests since then", String.valueOf(hipChat.requests.get() - meanwhile));
            rows.put("  of them digests", hipChat.digests.toString());
            rows.put(
                    "rooms show all newest levels, s after the return",
                    String.format(Locale.ROOT, "%.1f", (shown - back) / 1000.0));
            rows.put("LOST: room does not show the newest level", String.valueOf(lost));
            rows.put("result", drained && lost == 0 ? "as promised" : "NOT AS PROMISED");
            table(rows);
            return drained && lost == 0;
        }
    }

    // ---- Events and what became of them ----

    /** The end of an event, as its sender sees it. */
    private enum End {
        /** No answer yet. */
        OPEN,
        /** No process had it. */
        UNREACHED,
        /** An error, or no answer. */
        UNCERTAIN,
        STALE,
        SENT,
        /** Pending, or suppressed as unchanged. */
        KEPT
    }

    /** One event, as often as it is delivered. */
    private static final class Event {

        private final Alert alert;
        private final int number;
        private final String level;
        private final String previous;
        private final int change;
        private volatile long firstPost;
        private volatile End end = End.OPEN;
        private volatile boolean isClaimed;

        private Event(Alert alert, int number, String level, String previous, int change) {
            this.alert = alert;
            this.number = number;
            this.level = level;
            this.previous = previous;
            this.change = change;
        }

        String json() {
            return String.format(
                    "{\"id\": \"%s\", \"message\": \"%s\", \"level\": \"%s\", \"previousLevel\": \"%s\","
                            + " \"time\": \"%s\"}",
                    alert.id, message(), level, previous, Alert.FIRST.plusSeconds(number));
        }

        String message() {
            return "#" + number + " " + alert.id + " " + level;
        }
    }

    /** An event in the room, alone or in a digest. */
    private record Message(Event event, long at) {}

    /** All that happened to one alert; its own lock guards what changes. */
    private static final class Alert {

        private static final Instant FIRST = Instant.parse("2026-05-02T09:15:30Z");

        private final String id;
        private final String room;
        private final Map<Integer, Event> events = new TreeMap<>();
        private final List<Message> messages = new ArrayList<>();
        private Event newest;
        private int unclear;
        private int outdated;

        Alert(String id, String room) {
            this.id = id;
            this.room = room;
        }

        synchronized String newest() {
            return newest == null ? "OK" : newest.level;
        }

        synchronized Event event(int number, String level) {
            String previous = newest();
            int change = newest == null ? 0 : newest.change;
            newest = new Event(this, number, level, previous, level.equals(previous) ? change : change + 1);
            events.put(number, newest);
            return newest;
        }

        synchronized Event find(int number) {
            return events.get(number);
        }

        synchronized void accepted(Event event, boolean unclearly) {
            messages.add(new Message(event, System.currentTimeMillis()));
            unclear += unclearly ? 1 : 0;
            outdated += event.change < newest.change ? 1 : 0;
        }

        synchronized void mayBeRepeated() {
            unclear++;
        }

        /** Returns the number of messages so far. */
        synchronized int messageCount() {
            return messages.size();
        }

        Message last() {
            return messages.get(messages.size() - 1);
        }

        private String shown() {
            return messages.isEmpty() ? "OK" : last().event().level;
        }

        /** Returns whether the room showed {@code level} at any time since it had so many messages. */
        synchronized boolean showed(String level, int count) {
            boolean showed = count == 0 && level.equals("OK");
            for (int i = Math.max(0, count - 1); i < messages.size(); i++) {
                showed |= messages.get(i).event().level.equals(level);
            }
            return showed;
        }

        boolean isLost() {
            return !shown().equals(newest());
        }

        /**
         * Returns whether the room shows another level than it may: that of the newest event that was answered or claimed,
         * or of a newer one whose end nobody knows. A stale event proves that the program considered a newer one.
         */
        boolean isPromiseLost() {
            int promised = 0;
            int considered = 0;
            for (Event event : events.values()) {
                boolean isAnswered = event.end == End.SENT || event.end == End.KEPT;
                promised = isAnswered || event.isClaimed ? event.number : promised;
                considered = event.end == End.STALE ? event.number : considered;
            }
            int from = Math.max(promised, considered + 1);
            return from > 1
                    && events.values().stream()
                            .filter(event -> event.number >= from)
                            .filter(event -> event.end != End.UNREACHED && event.end != End.STALE)
                            .noneMatch(event -> event.level.equals(shown()));
        }

        /** Returns the number of events that were answered as sent and are in no message. */
        int unsent() {
            Set<Event> sent = messages.stream().map(Message::event).collect(Collectors.toSet());
            return (int) events.values().stream()
                    .filter(event -> event.end == End.SENT && !sent.contains(event))
                    .count();
        }

        /** Returns the number of messages that put an older level in the place of a newer one. */
        int disordered() {
            int disordered = 0;
            for (int i = 1; i < messages.size(); i++) {
                Event before = messages.get(i - 1).event();
                Event event = messages.get(i).event();
                disordered += event.number < before.number && !event.level.equals(before.level) ? 1 : 0;
            }
            return disordered;
        }

        int repeated() {
            Set<Integer> changes = new HashSet<>();
            return (int) messages.stream()
                    .filter(each -> !changes.add(each.event().change))
                    .count();
        }

        @Override
        public String toString() {
            return id + ": events "
                    + events.values().stream()
                            .map(it -> it.number + " " + it.level + " " + it.end + (it.isClaimed ? " claimed" : ""))
                            .collect(Collectors.joining(", "))
                    + "; messages "
                    + messages.stream()
                            .map(it -> it.event().number + " " + it.event().level)
                            .collect(Collectors.joining(", "))
                    + "; unclear " + unclear;
        }
    }

    /** Delivers events as a broker does: to any instance, side by side, and once or until they are acknowledged. */
    private static final class Sender {

        private static final Duration NOBODY_THERE = Duration.ofMillis(300);
        private static final Pattern STATUS =
                Pattern.compile("\"status\":\"(\\w+)\",\"reason\":(?:null|\"([\\w-]+)\")");

        private final Fleet fleet;
        private final Duration longestWait;
        private final HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(daemons());
        private final Set<Event> open = ConcurrentHashMap.newKeySet();
        private final Map<Instance, Set<Event>> underWay = new ConcurrentHashMap<>();
        private final Map<String, AtomicInteger> answers = Collections.synchronizedMap(new TreeMap<>());
        private final AtomicLong events = new AtomicLong();
        private final AtomicLong deliveries = new AtomicLong();
        private final AtomicInteger wronglyUnchanged = new AtomicInteger();
        private final AtomicLong longestAnswer = new AtomicLong();
        private final boolean retries;

        Sender(Fleet fleet, Duration longestWait, boolean retries) {
            this.fleet = fleet;
            this.longestWait = longestWait;
            this.retries = retries;
            fleet.instances.forEach(instance -> underWay.put(instance, ConcurrentHashMap.newKeySet()));
        }

        /** The first request of all lasts longer than a timeout allows. */
        void warmUp() throws Exception {
            for (Instance instance : fleet.instances) {
                Event warm = new Alert("warm" + instance.port, "warm").event(1, "CRITICAL");
                http.send(request(instance, warm), HttpResponse.BodyHandlers.ofString());
            }
        }

        void deliver(Event event) {
            event.firstPost = System.currentTimeMillis();
            events.incrementAndGet();
            open.add(event);
            post(event, event.number);
        }

        int open() {
            return open.size();
        }

        boolean drained(Duration limit) throws InterruptedException {
            long end = System.nanoTime() + limit.toNanos();
            while (!open.isEmpty() && System.nanoTime() < end) {
                Thread.sleep(50);
            }
            return open.isEmpty();
        }

        private void post(Event event, int turn) {
            deliveries.incrementAndGet();
            Instance instance = fleet.instances.get(turn % fleet.instances.size());
            Set<Event> there = underWay.get(instance);
            int messages = event.alert.messageCount();
            there.add(event);
            long begin = System.nanoTime();
            http.sendAsync(request(instance, event), HttpResponse.BodyHandlers.ofString())
                    .whenComplete((answer, failure) -> run(() -> {
                        there.remove(event);
                        Duration wait =
                                answer == null ? nobodyThere(event, failure) : answered(event, messages, answer);
                        if (answer != null) {
                            longestAnswer.accumulateAndGet((System.nanoTime() - begin) / 1_000_000, Math::max);
                        }
                        if (!wait.isNegative() && !retries) {
                            open.remove(event);
                        } else if (!wait.isNegative()) {
                            Duration shorter = wait.compareTo(longestWait) < 0 ? wait : longestWait;
                            later.schedule(
                                    () -> run(() -> post(event, turn + 1)), shorter.toMillis(), TimeUnit.MILLISECONDS);
                        }
                    }));
        }

        private Duration nobodyThere(Event event, Throwable failure) {
            boolean isUnreached = Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                    .anyMatch(ConnectException.class::isInstance);
            event.end = isUnreached ? End.UNREACHED : End.UNCERTAIN;
            count(isUnreached ? "nothing (no connection)" : "nothing (cut)");
            return NOBODY_THERE;
        }

        /** How long to wait before the next delivery; negative when there need be none. */
        private Duration answered(Event event, int messages, HttpResponse<String> answer) {
            Matcher status = STATUS.matcher(answer.body());
            boolean degraded = answer.body().contains("\"degraded\":true");
            if (answer.statusCode() != 200 || !status.find()) {
                event.end = End.UNCERTAIN;
                count(answer.statusCode() + (degraded ? " degraded" : ""));
                return Duration.ofSeconds(
                        answer.headers().firstValueAsLong("Retry-After").orElse(1));
            }
            String reason = status.group(2) == null ? "" : " " + status.group(2);
            count("200 " + status.group(1) + reason + (degraded ? " degraded" : ""));
            if (degraded) {
                // HipChat has it and the store may not: as after a kill.
                event.alert.mayBeRepeated();
            }
            if (reason.equals(" unchanged") && !event.alert.showed(event.level, messages)) {
                wronglyUnchanged.incrementAndGet();
                say("wrongly unchanged: #" + event.number + " of " + event.alert);
            }
            event.end = status.group(1).equals("sent") ? End.SENT : reason.equals(" stale") ? End.STALE : End.KEPT;
            open.remove(event);
            return Duration.ofSeconds(-1);
        }

        private void count(String answer) {
            answers.computeIfAbsent(answer, first -> new AtomicInteger()).incrementAndGet();
        }

        private static HttpRequest request(Instance instance, Event event) {
            return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + instance.port
                            + "/hipchat?stateChangesOnly=true&room=" + event.alert.room))
                    .timeout(Duration.ofSeconds(60))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(event.json()))
                    .build();
        }
    }

    // ---- HipChat ----

    /** The rooms of a HipChat, and the alerts whose messages come there. */
    private static final class Rooms implements AutoCloseable {

        /** What is done with each request for an alert; runs on a thread of its connection. */
        interface Script {
            Reaction reactionTo(Call call);
        }

        /** A message, or a line of a digest. */
        private static final Pattern LINE = Pattern.compile("(?:[A-Z]+ )?#(\\d+) (\\S+) .*");

        /** A client that waits for less has read a head that is sent sooner. */
        private static final Duration SURELY_READ = Duration.ofSeconds(1);

        private final FakeHipChat fake = FakeHipChat.start();
        private final Script script;
        private final Map<String, Alert> alerts = new ConcurrentHashMap<>();
        private final AtomicInteger requests = new AtomicInteger();
        private final AtomicInteger digests = new AtomicInteger();
        private final Map<String, AtomicInteger> requestsFrom = new ConcurrentHashMap<>();
        private final Queue<Sent> accepted = new ConcurrentLinkedQueue<>();
        private final Set<ReceivedRequest> surelyRead = ConcurrentHashMap.newKeySet();

        /** The alerts of a message, the instance that sent it, and the time. */
        private record Sent(String from, Set<Alert> alerts, long at) {}

        Rooms(Script script) {
            this.script = script;
            fake.decides(this::reactionTo);
        }

        private Reaction reactionTo(ReceivedRequest request) {
            int number = requests.incrementAndGet();
            requestsFrom
                    .computeIfAbsent(request.from() + " " + request.room(), first -> new AtomicInteger())
                    .incrementAndGet();
            List<Event> events = events(request);
            return events.isEmpty() ? Reaction.accepts() : script.reactionTo(new Call(this, number, request, events));
        }

        /** Returns the events that a message is about: one for each line of a digest. */
        private List<Event> events(ReceivedRequest request) {
            return request.message()
                    .lines()
                    .map(LINE::matcher)
                    .filter(Matcher::matches)
                    .filter(line -> alerts.containsKey(line.group(2)))
                    .map(line -> alerts.get(line.group(2)).find(Integer.parseInt(line.group(1))))
                    .toList();
        }

        /** Returns the alerts of the messages that were accepted from an instance since then. */
        Set<Alert> acceptedFrom(String instance, long since) {
            return accepted.stream()
                    .filter(sent -> sent.from().equals(instance) && sent.at() >= since)
                    .flatMap(sent -> sent.alerts().stream())
                    .collect(Collectors.toSet());
        }

        /** Allows a repeat of each message whose answer the client may not know. Returns how many these are. */
        int forgiveUnheard() {
            Set<ReceivedRequest> givenUp = new HashSet<>(fake.givenUp());
            givenUp.removeAll(surelyRead);
            List<ReceivedRequest> unheard = new ArrayList<>(fake.perhapsUnread());
            fake.accepted().stream()
                    .map(Acceptance::request)
                    .filter(givenUp::contains)
                    .forEach(unheard::add);
            unheard.forEach(request -> events(request).forEach(event -> event.alert.mayBeRepeated()));
            return unheard.size();
        }

        @Override
        public void close() {
            fake.close();
        }

        /** One request. */
        record Call(Rooms rooms, int number, ReceivedRequest request, List<Event> events) {

            private static final Duration LOOK = Duration.ofMillis(50);

            /** Puts the message into the room. */
            void isAccepted(boolean unclearly) {
                events.forEach(event -> event.alert.accepted(event, unclearly));
                Set<Alert> alerts = events.stream().map(event -> event.alert).collect(Collectors.toSet());
                rooms.accepted.add(new Sent(request.from(), alerts, System.currentTimeMillis()));
                if (events.size() > 1) {
                    rooms.digests.incrementAndGet();
                }
            }

            /** Accepts the message, unless the client has given up: a newer message may be in the room already. */
            Reaction accepts(Reaction answer) {
                Reaction accepted = exchange -> {
                    isAccepted(false);
                    if (Duration.between(request.at(), Instant.now()).compareTo(SURELY_READ) < 0) {
                        rooms.surelyRead.add(request);
                    }
                    answer.to(exchange);
                };
                return accepted.after(Duration.ofMillis(1));
            }

            /** Never answers, and puts the message into the room at this time after the client has given up. */
            Reaction isAcceptedLate(Duration delay) {
                return exchange -> {
                    exchange.stall();
                    acceptOnceOver(exchange, delay);
                };
            }

            private void acceptOnceOver(Exchange exchange, Duration delay) {
                if (exchange.isOver()) {
                    exchange.after(delay, () -> isAccepted(true));
                } else {
                    exchange.after(LOOK, () -> acceptOnceOver(exchange, delay));
                }
            }
        }
    }

    // ---- Processes ----

    /** The instances of the program. */
    private record Fleet(List<Instance> instances) implements AutoCloseable {

        private static final Pattern PENDING = Pattern.compile("\"pending\":(\\d+)");

        static Fleet started(Options options, Rooms hipChat, Store redis, Map<String, String> more) throws Exception {
            Map<String, String> settings = new TreeMap<>(Map.of(
                    "QUARKUS_HTTP_HOST", "127.0.0.1",
                    "QUARKUS_REDIS_HOSTS", "redis://127.0.0.1:" + redis.port(),
                    "HIPCHAT_ENABLED", "true",
                    "HIPCHAT_URL", hipChat.fake.url(),
                    "HIPCHAT_TOKEN", "token",
                    "HIPCHAT_STATE_STORE", "redis"));
            settings.putAll(more);
            Fleet fleet = new Fleet(List.of(
                    new Instance(1, freePort(), options.command(), settings),
                    new Instance(2, freePort(), options.command(), settings)));
            for (Instance instance : fleet.instances()) {
                instance.starts();
            }
            for (Instance instance : fleet.instances()) {
                instance.untilListening();
            }
            return fleet;
        }

        /** Flushes at an instance. Returns the number of changes that are pending all the same, or -1. */
        long flush() throws Exception {
            HttpRequest flush = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + instances.get(0).port + "/hipchat"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"flush\": true}"))
                    .build();
            String answer = HttpClient.newHttpClient()
                    .send(flush, HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher pending = PENDING.matcher(answer);
            return pending.find() ? Long.parseLong(pending.group(1)) : -1;
        }

        @Override
        public void close() throws Exception {
            for (Instance instance : instances) {
                instance.killed();
            }
        }
    }

    /** A place for the program to run in: one port, one log, one process after the other. */
    private static final class Instance {

        private final int number;
        private final int port;
        private final ProcessBuilder builder;
        private volatile Process process;

        Instance(int number, int port, List<String> command, Map<String, String> settings) {
            this.number = number;
            this.port = port;
            List<String> words = new ArrayList<>(command);
            if (words.get(0).equals("java")) {
                words.set(
                        0,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
            }
            builder = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            LOGS.resolve("instance-" + number + ".log").toFile()));
            builder.environment().putAll(settings);
            builder.environment().put("QUARKUS_HTTP_PORT", String.valueOf(port));
            builder.environment().put("HIPCHAT_FROM", name());
        }

        /** The name under which it sends. */
        String name() {
            return "instance " + number;
        }

        void starts() throws IOException {
            process = builder.start();
            endsWithThis(process);
        }

        void untilListening() throws Exception {
            Socket none = null;
            for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); none == null; ) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IllegalStateException("the program does not start; see " + LOGS);
                }
                try (Socket there = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    none = there;
                } catch (IOException notYet) {
                    Thread.sleep(20);
                }
            }
        }

        /** By SIGKILL. */
        void killed() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        /** By SIGTERM. */
        void terminated() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                say("an instance does not end by SIGTERM and is killed");
                killed();
            }
        }
    }

    /** A Redis of its own. */
    private record Store(int port, Process process) implements AutoCloseable {

        static Store started(Options options) throws Exception {
            int port = freePort();
            Process process = new ProcessBuilder(
                            options.redis(),
                            "--port",
                            String.valueOf(port),
                            "--bind",
                            "127.0.0.1",
                            "--save",
                            "",
                            "--appendonly",
                            "no")
                    .redirectErrorStream(true)
                    .redirectOutput(LOGS.resolve("redis.log").toFile())
                    .start();
            endsWithThis(process);
            return new Store(port, process);
        }

        /** Waits until no change is pending. */
        boolean nothingPending(Duration limit) throws Exception {
            long end = System.nanoTime() + limit.toNanos();
            while (!ask("ZCARD hipchat-alerts:#pending").equals(":0")) {
                if (System.nanoTime() > end) {
                    return false;
                }
                Thread.sleep(100);
            }
            return true;
        }

        /** Returns the record of an alert as text; empty without one. */
        String record(Alert alert) throws IOException {
            return ask("GET hipchat-alerts:::" + alert.id + ":" + alert.room);
        }

        /** Returns the first line of the answer, or the text that follows it. */
        private String ask(String command) throws IOException {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                String first = in.readLine();
                return first.startsWith("$") && !first.equals("$-1") ? in.readLine() : first;
            }
        }

        @Override
        public void close() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }

    private static void endsWithThis(Process process) {
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    // ---- Small things ----

    private interface Work {
        void run() throws Exception;
    }

    private static Thread inBackground(String name, Work work) {
        Thread thread = new Thread(() -> run(work), name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Ends the soak if the work fails: a thread in the background would keep that to itself. */
    private static void run(Work work) {
        try {
            work.run();
        } catch (IllegalStateException broken) {
            System.err.println(broken);
            System.exit(1);
        } catch (Throwable bug) {
            bug.printStackTrace();
            System.exit(1);
        }
    }

    private static java.util.concurrent.ThreadFactory daemons() {
        return work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        };
    }

    private static String quantiles(List<Long> sorted) {
        return sorted.isEmpty()
                ? "-"
                : Arrays.stream(new double[] {0.5, 0.99, 1})
                        .mapToObj(q -> sorted.get(Math.max(0, (int) Math.ceil(q * sorted.size()) - 1))
                                .toString())
                        .collect(Collectors.joining(" / "));
    }

    private static void table(Map<String, String> rows) {
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        System.out.println();
        rows.forEach((what, value) -> System.out.printf("%-" + width + "s  %s%n", what, value));
    }
}
