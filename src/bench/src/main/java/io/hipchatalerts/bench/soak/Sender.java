package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.process.Polling;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.soak.Event.End;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Delivers events as a broker does: to any instance, concurrently, and once or until they are acknowledged. */
final class Sender {

    private static final Duration NOBODY_THERE = Duration.ofMillis(300);
    private static final Pattern STATUS = Pattern.compile("\"status\":\"(\\w+)\",\"reason\":(?:null|\"([\\w-]+)\")");

    private final Fleet fleet;
    private final Duration longestWait;
    private final boolean retries;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Set<Event> open = ConcurrentHashMap.newKeySet();
    private final Map<Program, Set<Event>> underWay = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> answers = new ConcurrentSkipListMap<>();
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicInteger deliveries = new AtomicInteger();
    final AtomicInteger wronglyUnchanged = new AtomicInteger();
    private final AtomicLong longestAnswer = new AtomicLong();

    /** Makes a sender that waits no longer than this before it delivers again. */
    Sender(Fleet fleet, Duration longestWait, boolean retries) {
        this.fleet = fleet;
        this.longestWait = longestWait;
        this.retries = retries;
        fleet.instances().forEach(instance -> underWay.put(instance, ConcurrentHashMap.newKeySet()));
    }

    /** Sends one alert to each instance: the first request of all lasts longer than a timeout allows. */
    void warmUp() throws Exception {
        for (Program instance : fleet.instances()) {
            Event warm = new Alert("warm-" + instance.name(), "warm").event(1, "CRITICAL");
            http.send(request(instance, warm), HttpResponse.BodyHandlers.ofString());
        }
    }

    void deliver(Event event) {
        event.firstPost = System.currentTimeMillis();
        events.incrementAndGet();
        open.add(event);
        post(event, event.number);
    }

    /** Returns the number of events without an end. */
    int open() {
        return open.size();
    }

    Set<Event> underWay(Program instance) {
        return Set.copyOf(underWay.get(instance));
    }

    boolean drained(Duration limit) throws InterruptedException {
        return Polling.until(limit, Duration.ofMillis(50), open::isEmpty);
    }

    /** Adds the rows about events and their answers. */
    void report(Report report) {
        report.row("events", events).row("deliveries of them", deliveries);
        answers.forEach((answer, count) -> report.row("  answered " + answer, count));
        report.row("longest wait of a caller, ms", longestAnswer);
    }

    private void post(Event event, int turn) {
        deliveries.incrementAndGet();
        Program instance = fleet.instances().get(turn % fleet.instances().size());
        int messages = event.alert.messages().size();
        underWay.get(instance).add(event);
        long begin = System.nanoTime();
        var unused = http.sendAsync(request(instance, event), HttpResponse.BodyHandlers.ofString())
                .whenComplete((answer, failure) -> Background.run(() -> {
                    underWay.get(instance).remove(event);
                    Duration wait = answer == null ? nobodyThere(event, failure) : answered(event, messages, answer);
                    if (answer != null) {
                        longestAnswer.accumulateAndGet((System.nanoTime() - begin) / 1_000_000, Math::max);
                    }
                    if (event.isOver() || !retries) {
                        open.remove(event);
                    } else {
                        long millis = Math.min(wait.toMillis(), longestWait.toMillis());
                        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
                                .execute(() -> Background.run(() -> post(event, turn + 1)));
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

    /** Notes the answer; returns how long to wait before a next delivery. */
    private Duration answered(Event event, int messages, HttpResponse<String> answer) {
        Matcher status = STATUS.matcher(answer.body());
        boolean isDegraded = answer.body().contains("\"degraded\":true");
        String degraded = isDegraded ? " degraded" : "";
        if (answer.statusCode() != 200 || !status.find()) {
            event.end = End.UNCERTAIN;
            count(answer.statusCode() + degraded);
            return Duration.ofSeconds(
                    answer.headers().firstValueAsLong("Retry-After").orElse(1));
        }
        String reason = status.group(2) == null ? "" : " " + status.group(2);
        count("200 " + status.group(1) + reason + degraded);
        if (isDegraded) {
            // HipChat has it and the store may not: as after a kill.
            event.alert.mayBeRepeated();
        }
        if (reason.equals(" unchanged") && !event.alert.showed(event.level, messages)) {
            wronglyUnchanged.incrementAndGet();
            SoakCommand.say("wrongly unchanged: #" + event.number + " of " + event.alert);
        }
        event.end = status.group(1).equals("sent") ? End.SENT : reason.equals(" stale") ? End.STALE : End.KEPT;
        return Duration.ZERO;
    }

    private void count(String answer) {
        answers.computeIfAbsent(answer, first -> new AtomicInteger()).incrementAndGet();
    }

    private static HttpRequest request(Program instance, Event event) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + instance.port()
                        + "/hipchat?stateChangesOnly=true&room=" + event.alert.room))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(event.json()))
                .build();
    }
}
