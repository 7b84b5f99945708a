package io.hipchatalerts.bench.soak;

import io.hipchatalerts.fake.Exchange;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/** Treats requests well and badly in turns, with faults in an order from the seed. */
final class FailingHipChat implements Function<ReceivedRequest, Reaction> {

    private enum Fault {
        NONE,
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

    /** A client that waits for less has read a head that is sent sooner. */
    private static final Duration SURELY_READ = Duration.ofSeconds(1);

    private static final Duration LOOK = Duration.ofMillis(50);

    final Map<Object, Integer> counts = new ConcurrentSkipListMap<>();
    private final FakeHipChat hipChat;
    private final Random random;
    private final Duration phase;
    private final AtomicInteger requests = new AtomicInteger();
    private final Set<ReceivedRequest> confirmed = ConcurrentHashMap.newKeySet();
    private final Map<String, Instant> kills = new ConcurrentHashMap<>();
    private final List<Fault> left = new ArrayList<>();
    private boolean isGood = true;
    private volatile Fault fault = Fault.NONE;
    private volatile Instant until = Instant.MIN;

    /** Makes faults that last so long each. */
    FailingHipChat(FakeHipChat hipChat, long seed, Duration phase) {
        this.hipChat = hipChat;
        this.phase = phase;
        random = new Random(seed);
        hipChat.decides(this);
    }

    /** Turns to the next fault, or from a fault to a good time. */
    synchronized void turn() {
        end();
        if (isGood) {
            if (left.isEmpty()) {
                left.addAll(List.of(Fault.values()).subList(1, Fault.values().length));
                Collections.shuffle(left, random);
            }
            until = Instant.now().plus(phase);
            fault = left.remove(0);
        }
        isGood = !isGood;
        if (fault == Fault.IS_NOT_THERE) {
            hipChat.goAway();
        }
    }

    /** Ends the fault. */
    synchronized void end() {
        if (fault == Fault.IS_NOT_THERE) {
            hipChat.comeBack();
        }
        fault = Fault.NONE;
    }

    /** Notes that an instance is dead: nobody reads the answers to the requests that it made before. */
    void killed(String instance) {
        kills.put(instance, Instant.now());
    }

    /** Returns the test for requests whose clients may not know that the message is in the room. */
    Predicate<ReceivedRequest> inDoubt() {
        Set<ReceivedRequest> unread = Set.copyOf(hipChat.perhapsUnread());
        return request -> !confirmed.contains(request) || unread.contains(request);
    }

    @Override
    public Reaction apply(ReceivedRequest request) {
        int number = requests.incrementAndGet();
        Fault now = fault;
        // Flood control refuses all; the other faults strike one request in two, so that some get through.
        Fault what = now != Fault.LIMITS && number % 2 == 0 ? Fault.NONE : now;
        counts.merge(what, 1, Integer::sum);
        // An error of HipChat's own leaves open whether the room has the message.
        boolean isAcceptedAllTheSame = number % 4 == 1;
        return switch (what) {
            case LIMITS -> Reaction.throttles().floodControl(30, 0, until.plusSeconds(1));
            case FAILS -> isAcceptedAllTheSame ? Reaction.accepts(500) : Reaction.answers(500);
            case HANGS -> Reaction.hangs();
            case ACCEPTS_AND_CUTS -> Reaction.acceptsAndCuts();
            case ACCEPTS_LATE ->
                exchange -> {
                    exchange.stall();
                    acceptOnceOver(exchange, Duration.ofMillis(number * 37L % LATEST));
                };
            case STALLS_IN_BODY ->
                isAcceptedAllTheSame
                        ? confirming(Reaction.accepts(200).stallsInBody())
                        : Reaction.answers(500).stallsInBody();
            case NONE, IS_NOT_THERE -> confirming(Reaction.accepts());
        };
    }

    /** Accepts the message this long after the client gave up. */
    private static void acceptOnceOver(Exchange exchange, Duration delay) {
        if (exchange.isOver()) {
            exchange.after(delay, exchange::accept);
        } else {
            exchange.after(LOOK, () -> acceptOnceOver(exchange, delay));
        }
    }

    /** Accepts the message, unless the client has given up: a newer message may be in the room already. */
    private Reaction confirming(Reaction answer) {
        Reaction confirmed = exchange -> {
            ReceivedRequest request = exchange.request();
            boolean isInTime = Duration.between(request.at(), Instant.now()).compareTo(SURELY_READ) < 0;
            answer.to(exchange);
            // The stopper looks after a kill at what was accepted before; this is for what comes after that look.
            boolean isAlive = kills.getOrDefault(request.from(), Instant.MIN).isBefore(request.at());
            if (isInTime && isAlive) {
                this.confirmed.add(request);
            }
        };
        return confirmed.after(Duration.ofMillis(1));
    }
}
