package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.load.Call;
import io.hipchatalerts.bench.load.Connection;
import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.RedisServer;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.fake.Acceptance;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.ReceivedRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The processes of a soak, their HipChat, and the alerts. */
final class Stage implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final Pattern PENDING = Pattern.compile("\"pending\":(\\d+)");

    /** A message, or a line of a digest. */
    private static final Pattern LINE = Pattern.compile("(?:[A-Z]+ )?#(\\d+) .*");

    final RedisServer redis;
    final FakeHipChat hipChat = FakeHipChat.start();
    final List<Program> instances;
    final List<Alert> alerts;
    private final Map<Integer, Event> events = new ConcurrentHashMap<>();

    Stage(Variant program, Map<String, String> settings, int alerts, int rooms) throws Exception {
        redis = RedisServer.started();
        Variant variant = program.with(redis.settings())
                .with(Map.of("HIPCHAT_STATE_ON_OUTAGE", "fail"))
                .with(settings);
        instances = List.of(instance(variant, "instance-1"), instance(variant, "instance-2"));
        untilListening();
        // The first request of all lasts longer than a timeout allows.
        Sender once = new Sender(instances, Duration.ZERO, false);
        IntStream.range(0, instances.size())
                // No event of the stage has the number 0: its history would contain this message.
                .forEach(i -> once.post(new Alert("warm" + i, "warm").event(0, "CRITICAL"), i));
        this.alerts = IntStream.range(0, alerts)
                .mapToObj(i -> new Alert("alert" + i, "room" + i % rooms))
                .toList();
    }

    private Program instance(Variant variant, String name) throws IOException {
        return new Program(variant.named(name).with(Map.of("HIPCHAT_FROM", name)), hipChat);
    }

    void untilListening() throws IOException {
        for (Program instance : instances) {
            instance.untilListening();
        }
    }

    /** Makes the next event of an alert. */
    Event event(int number, Alert alert, String level) {
        Event event = alert.event(number, level);
        events.put(number, event);
        return event;
    }

    /** Returns the events that a message is about: one for each line of a digest. */
    Stream<Event> events(ReceivedRequest request) {
        return request.message()
                .lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(line -> events.get(Integer.parseInt(line.group(1))))
                .filter(Objects::nonNull);
    }

    /** Returns what came into the rooms, for each alert. */
    List<History> histories(Predicate<ReceivedRequest> isInDoubt) {
        Map<Alert, List<History.Message>> messages = hipChat.accepted().stream()
                .flatMap(accepted -> events(accepted.request())
                        .map(event -> new History.Message(event, accepted.at(), isInDoubt.test(accepted.request()))))
                .collect(Collectors.groupingBy(message -> message.event().alert));
        return alerts.stream()
                .map(alert -> new History(alert, messages.getOrDefault(alert, List.of())))
                .toList();
    }

    long digests() {
        return hipChat.accepted().stream()
                .filter(accepted -> events(accepted.request()).count() > 1)
                .count();
    }

    /** Returns after how many seconds from this moment the rooms showed all newest levels. */
    double shownAfter(Instant begin) {
        List<Acceptance> all = hipChat.accepted();
        return Math.max(0, Duration.between(begin, all.get(all.size() - 1).at()).toMillis() / 1e3);
    }

    /** Returns whether all events end and nothing stays pending. Timers and polls of the instances must find everything. */
    boolean isSettled(Sender sender, Duration limit) throws InterruptedException {
        boolean isDrained = sender.isDrained(limit);
        long end = System.nanoTime() + limit.toNanos();
        while (redis.pending() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            Load.sleepUntil(System.nanoTime() + BETWEEN_LOOKS.toNanos());
        }
        return isDrained;
    }

    /** Returns the alerts whose room does not show the newest level. */
    List<History> lost() {
        return histories(request -> false).stream().filter(History::isLost).toList();
    }

    /** Flushes at an instance. Returns the number of changes that are pending all the same, or -1. */
    long flush() throws IOException {
        int port = instances.get(0).port();
        try (Connection connection = new Connection(port)) {
            Matcher pending = PENDING.matcher(connection.post(Call.post(port, "/hipchat", "{\"flush\": true}", "")));
            return pending.find() ? Long.parseLong(pending.group(1)) : -1;
        }
    }

    @Override
    public void close() {
        instances.forEach(Program::close);
        hipChat.close();
        redis.close();
    }
}
