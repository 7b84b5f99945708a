package io.hipchatalerts.bench.soak;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The faults of HipChat, in turns and with good times between them, in an order from the seed. */
final class Moods implements Rooms.Script {

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

    /** Less than the request timeout of the instances: HipChat accepts no later after the client gave up. */
    private static final int LATEST = 1_500;

    private final Random random;
    private final long phase;
    private final Map<Mood, AtomicInteger> counts = new EnumMap<>(Mood.class);
    private volatile Mood mood = Mood.ACCEPTS;
    private volatile long until;
    private final CountDownLatch end = new CountDownLatch(1);
    private Thread turns;

    /** Makes moods that last {@code phase} milliseconds each. */
    Moods(long seed, long phase) {
        random = new Random(seed);
        this.phase = phase;
        for (Mood each : Mood.values()) {
            counts.put(each, new AtomicInteger());
        }
    }

    void begin(FakeHipChat hipChat) {
        turns = Background.start("moods", () -> {
            List<Mood> left = new ArrayList<>();
            while (end.getCount() > 0) {
                if (left.isEmpty()) {
                    left.addAll(List.of(Mood.values()).subList(1, Mood.values().length));
                    Collections.shuffle(left, random);
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
        end.countDown();
        turns.join();
        mood = Mood.ACCEPTS;
    }

    /** Adds the number of requests in each mood. */
    void report(Report report) {
        counts.forEach((each, count) -> report.row("  HipChat " + each, count));
    }

    private void turn(Mood next) throws InterruptedException {
        until = System.currentTimeMillis() + phase;
        mood = next;
        end.await(phase, TimeUnit.MILLISECONDS);
    }

    private void count(Mood what) {
        counts.get(what).incrementAndGet();
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
