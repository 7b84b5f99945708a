package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.process.Polling;
import io.hipchatalerts.bench.process.Program;
import java.time.Duration;
import java.util.Set;

/**
 * Kills one instance after the other, or stops them with SIGKILL and SIGTERM in turns, and starts them again. After a kill,
 * the records in Redis show what the process leaves behind: an event in a record was claimed and must be sent; a message
 * that its record does not show as sent may be sent again.
 */
final class Stopper {

    private static final Duration LONGEST_UNRECORDED = Duration.ofSeconds(15);

    private static final Duration LONGEST_STOP = Duration.ofSeconds(40);
    private static final Duration LOOK = Duration.ofMillis(50);

    private final Stage stage;
    private final Duration pause;
    private final boolean terminates;
    private int terms;
    private int kills;
    private volatile boolean ended;
    private Thread thread;

    Stopper(Stage stage, Duration pause, boolean terminates) {
        this.stage = stage;
        this.pause = pause;
        this.terminates = terminates;
    }

    void start() {
        thread = Background.start("stopper", () -> {
            // Each signal once at least, however slowly instances start here.
            for (int turn = 0; !ended || turn < 2; turn++) {
                long end = System.nanoTime() + pause.toNanos();
                if (turn > 0) {
                    victim(turn - 1).untilListening();
                }
                Polling.until(Duration.ofNanos(end - System.nanoTime()), LOOK, () -> ended);
                Program victim = victim(turn);
                if (terminates && turn % 2 == 1) {
                    terms++;
                    terminate(victim);
                } else {
                    kills++;
                    kill(victim);
                }
                victim.restart();
            }
            stage.fleet.untilListening();
        });
    }

    /** Returns the victim of a turn: each of the two instances gets each of the two signals. */
    private Program victim(int turn) {
        return stage.fleet.instances().get((terminates ? turn / 2 : turn) % 2);
    }

    private static void terminate(Program victim) throws InterruptedException {
        if (!victim.child().ends(LONGEST_STOP)) {
            SoakCommand.say("an instance does not end by SIGTERM and is killed");
            victim.child().kill();
        }
    }

    private void kill(Program victim) throws InterruptedException {
        Set<Event> underWay = stage.sender.underWay(victim);
        victim.child().kill();
        stage.hipChat.killed(victim.name());
        for (Event event : underWay) {
            if (stage.record(event.alert).contains("\"message\":\"" + event.message())) {
                event.isClaimed = true;
            }
        }
        long since = System.currentTimeMillis() - LONGEST_UNRECORDED.toMillis();
        for (Alert alert : stage.hipChat.acceptedFrom(victim.name(), since)) {
            if (stage.record(alert).contains("\"lastSent\":\"UNKNOWN\"")) {
                alert.mayBeRepeated();
            }
        }
    }

    /** Ends with all instances up. */
    void end() throws InterruptedException {
        ended = true;
        thread.join();
    }

    @Override
    public String toString() {
        return kills + " / " + terms;
    }
}
