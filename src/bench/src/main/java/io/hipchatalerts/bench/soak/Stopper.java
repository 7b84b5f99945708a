package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.process.Program;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;

/**
 * Kills one instance after the other, or stops them with SIGKILL and SIGTERM in turns, and starts them again. After a kill,
 * the records in Redis show what the process leaves behind: an event in a record was claimed and must be sent; a message
 * that its record does not show as sent may be sent again.
 */
final class Stopper {

    private static final Duration LONGEST_UNRECORDED = Duration.ofSeconds(15);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(40);

    private final Stage stage;
    private final FailingHipChat hipChat;
    private final Duration pause;
    private final boolean terminates;
    private final CountDownLatch end = new CountDownLatch(1);
    int terms;
    int kills;

    Stopper(Stage stage, FailingHipChat hipChat, Duration pause, boolean terminates) {
        this.stage = stage;
        this.hipChat = hipChat;
        this.pause = pause;
        this.terminates = terminates;
    }

    /** Stops instances until the end, and leaves all of them up. */
    Void takeTurns() throws Exception {
        // Each signal once at least, however slowly instances start here.
        for (int turn = 0; end.getCount() > 0 || turn < 2; turn++) {
            end.await(pause.toMillis(), TimeUnit.MILLISECONDS);
            stage.untilListening();
            // Each of the two instances gets each of the two signals.
            Program victim = stage.instances.get((terminates ? turn / 2 : turn) % 2);
            if (terminates && turn % 2 == 1) {
                terms++;
                terminate(victim);
            } else {
                kills++;
                kill(victim);
            }
            victim.restart();
        }
        stage.untilListening();
        return null;
    }

    void end() {
        end.countDown();
    }

    private static void terminate(Program victim) throws InterruptedException {
        if (!victim.child().ends(LONGEST_STOP)) {
            SoakCommand.say("an instance does not end by SIGTERM and is killed");
            victim.child().kill();
        }
    }

    private void kill(Program victim) throws InterruptedException {
        List<Event> underWay = stage.alerts.stream()
                .flatMap(alert -> alert.events.stream())
                .filter(event -> event.at == victim)
                .toList();
        victim.child().kill();
        hipChat.killed(victim.name());
        underWay.stream()
                .filter(event -> record(event.alert).contains("\"message\":\"" + event.message()))
                .forEach(event -> event.isClaimed = true);
        Instant since = Instant.now().minus(LONGEST_UNRECORDED);
        stage.hipChat.accepted().stream()
                .filter(accepted -> accepted.at().isAfter(since))
                .filter(accepted -> accepted.request().from().equals(victim.name()))
                .flatMap(accepted -> stage.events(accepted.request()))
                .map(event -> event.alert)
                .distinct()
                .filter(alert -> record(alert).contains("\"lastSent\":\"UNKNOWN\""))
                .forEach(alert -> alert.repeatsAllowed.incrementAndGet());
    }

    /** Returns the record of an alert as text. */
    private String record(Alert alert) {
        try (Jedis jedis = stage.redis.connect()) {
            return String.valueOf(jedis.get("hipchat-alerts:::" + alert.id + ":" + alert.room));
        }
    }
}
