package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.load.Call;
import io.hipchatalerts.bench.load.Connection;
import io.hipchatalerts.bench.load.Load;
import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.report.Table;
import io.hipchatalerts.bench.soak.Event.End;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Delivers events as a broker does: to any instance, concurrently, and once or until they are acknowledged. Like Kapacitor,
 * it makes a connection for each.
 */
final class Sender {

    /** The most events without an end: more would be a crowd and no soak. */
    private static final int MOST_OPEN = 600;

    private static final Duration NOBODY_THERE = Duration.ofMillis(300);
    private static final Pattern STATUS = Pattern.compile("\"status\":\"(\\w+)\",\"reason\":(?:null|\"([\\w-]+)\")");
    private static final Pattern RETRY_AFTER = Pattern.compile("(?i)\nretry-after: *(\\d+)");

    private final List<Program> instances;
    private final Duration longestWait;
    private final boolean retries;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Semaphore free = new Semaphore(MOST_OPEN);
    private final Map<String, Integer> answers = new ConcurrentSkipListMap<>();
    private final AtomicLong longestAnswer = new AtomicLong();
    private final AtomicLong late = new AtomicLong();

    /** Makes a sender that waits no longer than this before it delivers again. */
    Sender(List<Program> instances, Duration longestWait, boolean retries) {
        this.instances = instances;
        this.longestWait = longestWait;
        this.retries = retries;
    }

    /** Posts events at fixed moments, the last at the end of this time. */
    void stream(int events, Duration length, IntFunction<Event> next) throws InterruptedException {
        SoakCommand.say(events + " changes come in for " + length.toSeconds() + " s");
        long begin = System.nanoTime();
        for (int number = 1; number <= events; number++) {
            if (!free.tryAcquire()) {
                late.incrementAndGet();
                free.acquire();
            }
            Event event = next.apply(number);
            threads.execute(() -> deliver(event));
            Load.sleepUntil(begin + length.toNanos() / events * number);
        }
    }

    private void deliver(Event event) {
        Duration wait = post(event, event.number);
        for (int turn = event.number + 1; retries && !event.end.isFinal(); turn++) {
            Load.sleepUntil(System.nanoTime() + Math.min(wait.toNanos(), longestWait.toNanos()));
            wait = post(event, turn);
        }
        free.release();
    }

    /** Returns whether all events came to an end in time. */
    boolean isDrained(Duration limit) throws InterruptedException {
        boolean isDrained = free.tryAcquire(MOST_OPEN, limit.toMillis(), TimeUnit.MILLISECONDS);
        free.release(isDrained ? MOST_OPEN : 0);
        return isDrained;
    }

    /** Adds the rows about deliveries and their answers. */
    void report(Table table) {
        table.add(
                "deliveries",
                answers.values().stream().mapToInt(Integer::intValue).sum());
        answers.forEach((answer, count) -> table.add("answered " + answer, count));
        table.add("longest wait of a caller, ms", longestAnswer);
        table.add("events that came late, because " + MOST_OPEN + " had no end", late);
        table.add("never acknowledged", MOST_OPEN - free.availablePermits());
    }

    /** Delivers an event once; returns how long to wait before a next delivery. */
    Duration post(Event event, int turn) {
        Program instance = instances.get(turn % instances.size());
        String path = "/hipchat?stateChangesOnly=true&room=" + event.alert.room;
        event.posted = Instant.now();
        event.at = instance;
        try (Connection connection = new Connection(instance.port())) {
            return answered(event, connection.post(Call.post(instance.port(), path, event.json(), "")));
        } catch (IOException failure) {
            boolean isUnreached = failure instanceof ConnectException;
            event.end = isUnreached ? End.UNREACHED : End.UNCERTAIN;
            count(isUnreached ? "nothing (no connection)" : "nothing (cut)");
            return NOBODY_THERE;
        } finally {
            event.at = null;
        }
    }

    private Duration answered(Event event, String answer) {
        event.answered = Instant.now();
        long millis = Duration.between(event.posted, event.answered).toMillis();
        longestAnswer.accumulateAndGet(millis, Math::max);
        Matcher status = STATUS.matcher(answer);
        boolean isDegraded = answer.contains("\"degraded\":true");
        String code = answer.split(" ", 3)[1];
        if (!code.equals("200") || !status.find()) {
            event.end = End.UNCERTAIN;
            count(isDegraded ? code + " degraded" : code);
            Matcher retryAfter = RETRY_AFTER.matcher(answer);
            return Duration.ofSeconds(retryAfter.find() ? Long.parseLong(retryAfter.group(1)) : 1);
        }
        String end = status.group(2) == null ? status.group(1) : status.group(1) + " " + status.group(2);
        count(isDegraded ? "200 " + end + " degraded" : "200 " + end);
        if (isDegraded) {
            // HipChat has it and the store may not: as after a kill.
            event.alert.repeatsAllowed.incrementAndGet();
        }
        event.end = switch (end) {
            case "sent" -> End.SENT;
            case "suppressed stale" -> End.STALE;
            case "suppressed unchanged" -> End.UNCHANGED;
            default -> End.KEPT;
        };
        return Duration.ZERO;
    }

    private void count(String answer) {
        answers.merge(answer, 1, Integer::sum);
    }
}
