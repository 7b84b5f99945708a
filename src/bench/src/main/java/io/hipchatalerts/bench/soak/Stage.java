package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.process.Polling;
import io.hipchatalerts.bench.process.RedisServer;
import io.hipchatalerts.bench.process.Variant;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;

/** The processes and the alerts of a soak. */
final class Stage implements AutoCloseable {

    private final RedisServer redis;
    final Rooms hipChat;
    final Fleet fleet;
    final Sender sender;
    final List<Alert> alerts;

    /** How a soak posts its alerts: how many, to how many rooms, and how patiently. */
    record Senders(int alerts, int rooms, Duration longestWait, boolean retries) {}

    Stage(SoakCommand soak, Rooms.Script script, Map<String, String> settings, Senders senders) throws Exception {
        redis = new RedisServer(soak.redis);
        hipChat = new Rooms(script);
        Map<String, String> all = new TreeMap<>(redis.settings());
        all.put("HIPCHAT_STATE_ON_OUTAGE", "fail");
        all.putAll(settings);
        fleet = Fleet.started(Variant.of("program=" + soak.command).with(all), hipChat.fake);
        sender = new Sender(fleet, senders.longestWait(), senders.retries());
        sender.warmUp();
        alerts = IntStream.range(0, senders.alerts())
                .mapToObj(i -> new Alert("alert" + i, "room" + i % senders.rooms()))
                .toList();
        hipChat.expect(alerts);
    }

    /** Returns the record of an alert as text; empty without one. */
    String record(Alert alert) {
        try (Jedis jedis = redis.connect()) {
            String record = jedis.get("hipchat-alerts:::" + alert.id + ":" + alert.room);
            return record == null ? "" : record;
        }
    }

    /** Waits for all ends and until nothing is pending. No flush: the timers and polls of the instances find everything. */
    boolean isSettled(Duration drain, Duration pending) throws InterruptedException {
        boolean drained = sender.drained(drain);
        return Polling.until(
                        pending, Duration.ofMillis(100), () -> redis.jedis().zcard("hipchat-alerts:#pending") == 0)
                && drained;
    }

    /** Returns after how many seconds from {@code begin} the rooms showed all newest levels. */
    String shownAfter(long begin) {
        long shown =
                alerts.stream().mapToLong(alert -> alert.lastAt(begin)).max().orElse(begin);
        return String.format(Locale.ROOT, "%.1f", Math.max(0, shown - begin) / 1000.0);
    }

    /** Returns the number of alerts whose room does not show the newest level, and prints them. */
    long lost() {
        List<Alert> lost = alerts.stream().filter(Alert::isLost).toList();
        lost.forEach(System.out::println);
        return lost.size();
    }

    @Override
    public void close() {
        fleet.close();
        hipChat.close();
        redis.close();
    }
}
