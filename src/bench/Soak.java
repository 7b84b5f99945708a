import io.hipchatalerts.fake.Acceptance;
import io.hipchatalerts.fake.Answer;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import java.io.IOException;
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
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lets the packaged program work for minutes while everything around it fails in turns, and counts what came of it:
 * changes lost, told twice, told late. With {@code --storm}, what a room gets to see that is sent ten times as much as
 * HipChat takes. README.md beside it says how, and how to read the result.
 *
 * <p>One file, the JDK, and the HipChat of the tests, as Bench.java beside it.
 */
public final class Soak {

    private static final String HELP = """
            Usage: src/bench/soak [options]
              --quick            a smoke run of about 40 seconds
              --minutes N        how long alerts come in (10)
              --storm            instead: 300 changes a minute for one room whose HipChat takes 30
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
        boolean right = options.storm() ? new Storm(options).run() : new Faults(options).run();
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

    /** What the command line asks for. */
    record Options(Duration length, boolean quick, boolean storm, long seed, List<String> command, String redis) {

        static Options of(String... arguments) {
            Duration length = Duration.ofMinutes(10);
            boolean quick = false;
            boolean storm = false;
            long seed = new SplittableRandom().nextInt(1_000_000);
            String command = "java -jar target/quarkus-app/quarkus-run.jar";
            String redis = "redis-server";
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--quick" -> quick = true;
                    case "--storm" -> storm = true;
                    case "--minutes" -> length = Duration.ofSeconds((long) (60 * number(arguments, ++i)));
                    case "--seed" -> seed = (long) number(arguments, ++i);
                    case "--command" -> command = value(arguments, ++i);
                    case "--redis" -> redis = value(arguments, ++i);
                    default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
                }
            }
            return new Options(
                    quick ? Duration.ofSeconds(20) : length, quick, storm, seed, List.of(command.split(" ")), redis);
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

    /** Many alerts over two instances, a HipChat that fails in turns, and instances that are stopped and killed. */
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
            Moods moods = new Moods(options.seed(), options.quick() ? 1_500 : 4_000);
            try (Store redis = Store.started(options);
                    Rooms hipChat = new Rooms(moods);
                    Fleet fleet = Fleet.started(
                            options,
                            hipChat,
                            redis,
                            Map.of(
                                    "HIPCHAT_DEADLINE", "6s",
                                    "HIPCHAT_REQUEST_TIMEOUT", "2s",
                                    "HIPCHAT_STATE_ON_OUTAGE", "fail"))) {
                Sender sender = new Sender(fleet, Duration.ofSeconds(5));
                sender.warmUp();
                List<Alert> alerts = new ArrayList<>();
                for (int i = 0; i < ALERTS; i++) {
                    alerts.add(new Alert("alert" + i, "room" + i % ROOMS));
                }
                alerts.forEach(alert -> hipChat.alerts.put(alert.id, alert));
                say("alerts come in for " + options.length().toSeconds() + " s");
                moods.begin(hipChat.fake);
                Stopper stopper = new Stopper(fleet, sender, Duration.ofSeconds(options.quick() ? 3 : 10));
                stopper.start();
                stream(alerts, sender);
                say("no more faults; what is open is delivered");
                stopper.end();
                moods.end();
                boolean drained = sender.drained(DRAIN);
                return new Count(alerts, sender, hipChat, stopper, moods, drained).print();
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

    /** What HipChat does with requests, for some seconds each: well and badly in turns, in an order from the seed. */
    private static final class Moods implements Rooms.Script {

        private enum Mood {
            TAKES,
            LIMITS,
            FAILS,
            HANGS,
            TAKES_AND_CUTS,
            IS_NOT_THERE
        }

        private static final List<Mood> BAD =
                List.of(Mood.LIMITS, Mood.FAILS, Mood.HANGS, Mood.TAKES_AND_CUTS, Mood.IS_NOT_THERE);

        private final SplittableRandom random;
        private final long phase;
        private final Map<String, AtomicInteger> counts = new TreeMap<>();
        private volatile Mood mood = Mood.TAKES;
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
                    turn(Mood.TAKES);
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
            mood = Mood.TAKES;
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
            Mood what = well ? Mood.TAKES : now;
            if (what != Mood.IS_NOT_THERE) {
                count(what);
            }
            return switch (what) {
                case LIMITS -> Reaction.throttles().floodControl(30, 0, Instant.ofEpochMilli(until + 1_000));
                case FAILS -> {
                    // An error of HipChat's own says nothing about whether the room has read the message.
                    if (call.number() % 4 == 1) {
                        call.isTaken(true);
                    }
                    yield Reaction.answers(500);
                }
                case HANGS -> Reaction.hangs();
                case TAKES_AND_CUTS -> {
                    call.isTaken(true);
                    yield Reaction.acceptsAndCuts();
                }
                case TAKES, IS_NOT_THERE -> call.takes(Reaction.accepts());
            };
        }
    }

    /** Stops one instance after the other, with SIGTERM and SIGKILL in turns, and starts it again. */
    private static final class Stopper {

        private final Fleet fleet;
        private final Sender sender;
        private final Duration pause;
        private final AtomicInteger terms = new AtomicInteger();
        private final AtomicInteger kills = new AtomicInteger();
        private volatile boolean ended;
        private Thread thread;

        Stopper(Fleet fleet, Sender sender, Duration pause) {
            this.fleet = fleet;
            this.sender = sender;
            this.pause = pause;
        }

        void start() {
            thread = inBackground("stopper", () -> {
                // Each signal once at least, however slowly instances start here.
                for (int turn = 0; !ended || turn < 2; turn++) {
                    long end = System.nanoTime() + pause.toNanos();
                    while (!ended && System.nanoTime() < end) {
                        Thread.sleep(50);
                    }
                    // Each of the two instances gets each of the two signals.
                    Instance victim = fleet.instances.get(turn / 2 % fleet.instances.size());
                    if (turn % 2 == 0) {
                        kills.incrementAndGet();
                        sender.killed(victim);
                        victim.killed();
                    } else {
                        terms.incrementAndGet();
                        victim.terminated();
                    }
                    victim.starts();
                    victim.untilListening();
                }
            });
        }

        /** With all instances up. */
        void end() throws InterruptedException {
            ended = true;
            thread.join();
        }
    }

    /** The result of a run under faults. */
    private record Count(
            List<Alert> alerts, Sender sender, Rooms hipChat, Stopper stopper, Moods moods, boolean drained) {

        boolean print() {
            int lost = 0;
            int disordered = 0;
            int repeated = 0;
            int allowed = 0;
            int beyond = 0;
            int unheard = hipChat.forgiveUnheard();
            List<Long> late = new ArrayList<>();
            for (Alert alert : alerts) {
                synchronized (alert) {
                    lost += alert.isLost() ? 1 : 0;
                    disordered += alert.disordered();
                    int more = alert.repeated();
                    repeated += more;
                    allowed += alert.unclear;
                    beyond += Math.max(0, more - alert.unclear);
                    alert.told.forEach(told -> late.add(told.at() - told.event().firstPost));
                    if (alert.isLost() || more > alert.unclear || alert.disordered() > 0) {
                        System.out.println(alert);
                    }
                }
            }
            Collections.sort(late);
            Map<String, String> rows = new LinkedHashMap<>();
            rows.put("events sent", String.valueOf(sender.events.get()));
            rows.put("deliveries of them", String.valueOf(sender.deliveries.get()));
            sender.answers.forEach((answer, count) -> rows.put("  answered " + answer, count.toString()));
            rows.put("requests to HipChat", String.valueOf(hipChat.requests));
            moods.counts.forEach((mood, count) -> rows.put("  HipChat " + mood, count.toString()));
            rows.put("  answers that the program had given up on", String.valueOf(unheard));
            rows.put("instances killed / terminated", stopper.kills + " / " + stopper.terms);
            rows.put("messages in the rooms", String.valueOf(late.size()));
            rows.put("told after, p50 / p99 / max ms", quantiles(late));
            rows.put("never acknowledged", String.valueOf(sender.open()));
            rows.put("LOST: room does not show the newest level", String.valueOf(lost));
            rows.put("LOST: answered unchanged, and the room showed another", sender.wronglyUnchanged.toString());
            rows.put("OUT OF ORDER", String.valueOf(disordered));
            rows.put("REPEATED, and repeats that unclear answers and kills allow", repeated + " of " + allowed);
            rows.put("REPEATED BEYOND", String.valueOf(beyond));
            boolean right = drained && lost + disordered + beyond + sender.wronglyUnchanged.get() == 0;
            rows.put("result", right ? "as promised" : "NOT AS PROMISED");
            table(rows);
            return right;
        }
    }

    // ---- Storm ----

    /** Far more changes for one room than its HipChat takes, from senders that do as {@code Retry-After} says. */
    private static final class Storm {

        private static final int ALERTS = 60;
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
                Sender sender = new Sender(fleet, Duration.ofMinutes(10));
                sender.warmUp();
                List<Alert> alerts = new ArrayList<>();
                for (int i = 0; i < ALERTS / part; i++) {
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
                boolean drained = sender.drained(Duration.ofMinutes(12));
                return count(alerts, sender, flood, begin, stormEnd, drained);
            }
        }

        private boolean count(
                List<Alert> alerts, Sender sender, FloodControl flood, long begin, long stormEnd, boolean drained) {
            long settled = stormEnd;
            int lost = 0;
            int told = 0;
            int outdated = 0;
            int due = 0;
            for (Alert alert : alerts) {
                synchronized (alert) {
                    lost += alert.isLost() ? 1 : 0;
                    told += alert.told.size();
                    outdated += alert.outdated;
                    due += alert.told.isEmpty() ? 0 : 1;
                    if (!alert.told.isEmpty()) {
                        settled = Math.max(
                                settled, alert.told.get(alert.told.size() - 1).at());
                    }
                }
            }
            Map<String, String> rows = new LinkedHashMap<>();
            rows.put("changes sent", String.valueOf(sender.events.get()));
            rows.put("deliveries of them", String.valueOf(sender.deliveries.get()));
            sender.answers.forEach((answer, count) -> rows.put("  answered " + answer, count.toString()));
            int limited = flood.refused.stream().mapToInt(all -> all).sum();
            int requests = limited + told;
            rows.put("requests to HipChat", String.valueOf(requests));
            rows.put("  of them 429", limited + " = " + Math.round(100.0 * limited / Math.max(1, requests)) + " %");
            rows.put("  429 in each window", flood.refused.toString());
            rows.put("  most requests in one second", String.valueOf(flood.most()));
            rows.put("messages in the room", String.valueOf(told));
            rows.put("  outdated already when told", String.valueOf(outdated));
            rows.put("room shows all newest levels, s after the storm", String.valueOf((settled - stormEnd) / 1000));
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
            boolean taken = left > 0;
            left -= taken ? 1 : 0;
            refused.set(refused.size() - 1, refused.get(refused.size() - 1) + (taken ? 0 : 1));
            Answer answer = taken ? Reaction.accepts() : Reaction.throttles();
            Answer withHeaders = answer.floodControl(limit, left, Instant.ofEpochSecond(reset));
            return taken ? call.takes(withHeaders) : withHeaders;
        }

        synchronized int most() {
            return seconds.values().stream().mapToInt(all -> all).max().orElse(0);
        }
    }

    // ---- What is sent and what became of it ----

    /** One event, as often as it is delivered. */
    private static final class Event {

        private final Alert alert;
        private final int number;
        private final String level;
        private final String previous;
        private final int change;
        private volatile long firstPost;

        private Event(Alert alert, int number, String level, String previous, int change) {
            this.alert = alert;
            this.number = number;
            this.level = level;
            this.previous = previous;
            this.change = change;
        }

        String json() {
            return String.format(
                    "{\"id\": \"%s\", \"message\": \"#%d %s %s\", \"level\": \"%s\", \"previousLevel\": \"%s\","
                            + " \"time\": \"%s\"}",
                    alert.id, number, alert.id, level, level, previous, Alert.FIRST.plusSeconds(number));
        }
    }

    /** A message in the room. */
    private record Told(Event event, long at) {}

    /** All that happened to one alert; its own lock guards what changes. */
    private static final class Alert {

        private static final Instant FIRST = Instant.parse("2026-05-02T09:15:30Z");

        private final String id;
        private final String room;
        private final Map<Integer, Event> events = new TreeMap<>();
        private final List<Told> told = new ArrayList<>();
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

        synchronized void isTold(int number, boolean unclearly) {
            Event event = events.get(number);
            told.add(new Told(event, System.currentTimeMillis()));
            unclear += unclearly ? 1 : 0;
            outdated += event.change < newest.change ? 1 : 0;
        }

        synchronized void mayBeToldAgain() {
            unclear++;
        }

        /** How many messages there are so far. */
        synchronized int messages() {
            return told.size();
        }

        /** Whether the room showed {@code level} at any time since it had so many messages. */
        synchronized boolean showed(String level, int messages) {
            boolean showed = messages == 0 && level.equals("OK");
            for (int i = Math.max(0, messages - 1); i < told.size(); i++) {
                showed |= told.get(i).event().level.equals(level);
            }
            return showed;
        }

        boolean isLost() {
            return !(told.isEmpty() ? "OK" : told.get(told.size() - 1).event().level).equals(newest());
        }

        int disordered() {
            int disordered = 0;
            for (int i = 1; i < told.size(); i++) {
                disordered += told.get(i).event().number < told.get(i - 1).event().number ? 1 : 0;
            }
            return disordered;
        }

        int repeated() {
            Set<Integer> changes = new HashSet<>();
            return (int) told.stream()
                    .filter(each -> !changes.add(each.event().change))
                    .count();
        }

        @Override
        public String toString() {
            return id + ": sent "
                    + events.values().stream()
                            .map(it -> it.number + " " + it.level)
                            .collect(Collectors.joining(", "))
                    + "; told "
                    + told.stream()
                            .map(it -> it.event().number + " " + it.event().level)
                            .collect(Collectors.joining(", "))
                    + "; unclear " + unclear;
        }
    }

    /** Delivers events as a broker does: to any instance, side by side, and again until they are acknowledged. */
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

        Sender(Fleet fleet, Duration longestWait) {
            this.fleet = fleet;
            this.longestWait = longestWait;
            fleet.instances.forEach(instance -> underWay.put(instance, ConcurrentHashMap.newKeySet()));
        }

        /** The first request of all costs more than a time-out allows. */
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

        /** What HipChat took for this instance and did not get marked any more may be told again. */
        void killed(Instance instance) {
            underWay.get(instance).forEach(event -> event.alert.mayBeToldAgain());
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
            int messages = event.alert.messages();
            there.add(event);
            http.sendAsync(request(instance, event), HttpResponse.BodyHandlers.ofString())
                    .whenComplete((answer, failure) -> run(() -> {
                        there.remove(event);
                        Duration wait = answer == null ? nobodyThere() : answered(event, messages, answer);
                        if (!wait.isNegative()) {
                            Duration shorter = wait.compareTo(longestWait) < 0 ? wait : longestWait;
                            later.schedule(
                                    () -> run(() -> post(event, turn + 1)), shorter.toMillis(), TimeUnit.MILLISECONDS);
                        }
                    }));
        }

        private Duration nobodyThere() {
            count("nothing (no connection, or cut)");
            return NOBODY_THERE;
        }

        /** How long to wait before the next delivery; negative when there need be none. */
        private Duration answered(Event event, int messages, HttpResponse<String> answer) {
            Matcher status = STATUS.matcher(answer.body());
            boolean degraded = answer.body().contains("\"degraded\":true");
            if (answer.statusCode() != 200 || !status.find()) {
                count(answer.statusCode() + (degraded ? " degraded" : ""));
                return Duration.ofSeconds(
                        answer.headers().firstValueAsLong("Retry-After").orElse(1));
            }
            String reason = status.group(2) == null ? "" : " " + status.group(2);
            count("200 " + status.group(1) + reason + (degraded ? " degraded" : ""));
            if (degraded) {
                // HipChat has it and the store may not: as after a kill.
                event.alert.mayBeToldAgain();
            }
            if (reason.equals(" unchanged") && !event.alert.showed(event.level, messages)) {
                wronglyUnchanged.incrementAndGet();
                say("wrongly unchanged: #" + event.number + " of " + event.alert);
            }
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

        private static final Pattern MESSAGE = Pattern.compile("#(\\d+) (\\S+) .*");

        private final FakeHipChat fake = FakeHipChat.start();
        private final Script script;
        private final Map<String, Alert> alerts = new ConcurrentHashMap<>();
        private final AtomicInteger requests = new AtomicInteger();

        Rooms(Script script) {
            this.script = script;
            fake.decides(this::reactionTo);
        }

        private Reaction reactionTo(ReceivedRequest request) {
            int number = requests.incrementAndGet();
            Matcher message = MESSAGE.matcher(request.message());
            Alert alert = message.matches() ? alerts.get(message.group(2)) : null;
            return alert == null
                    ? Reaction.accepts()
                    : script.reactionTo(new Call(number, alert, Integer.parseInt(message.group(1))));
        }

        /** Lets the change of each message be told again of whose answer the client may not know; how many there are. */
        int forgiveUnheard() {
            Set<ReceivedRequest> givenUp = new HashSet<>(fake.givenUp());
            List<ReceivedRequest> unheard = new ArrayList<>(fake.perhapsUnread());
            fake.accepted().stream()
                    .map(Acceptance::request)
                    .filter(givenUp::contains)
                    .forEach(unheard::add);
            for (ReceivedRequest request : unheard) {
                Matcher message = MESSAGE.matcher(request.message());
                Alert alert = message.matches() ? alerts.get(message.group(2)) : null;
                if (alert != null) {
                    alert.mayBeToldAgain();
                }
            }
            return unheard.size();
        }

        @Override
        public void close() {
            fake.close();
        }

        /** One request. */
        record Call(int number, Alert alert, int event) {

            /** Into the room with it. */
            void isTaken(boolean unclearly) {
                alert.isTold(event, unclearly);
            }

            /** Takes it and says so, unless the client has given up: it may have made way for a newer message already. */
            Reaction takes(Answer answer) {
                Reaction taken = exchange -> {
                    isTaken(false);
                    answer.to(exchange);
                };
                return taken.after(Duration.ofMillis(1));
            }
        }
    }

    // ---- Processes ----

    /** The instances of the program. */
    private record Fleet(List<Instance> instances) implements AutoCloseable {

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

        @Override
        public void close() throws Exception {
            for (Instance instance : instances) {
                instance.killed();
            }
        }
    }

    /** A place for the program to run in: one port, one log, one process after the other. */
    private static final class Instance {

        private final int port;
        private final ProcessBuilder builder;
        private volatile Process process;

        Instance(int number, int port, List<String> command, Map<String, String> settings) {
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
