package io.hipchatalerts.bench.soak;

import io.hipchatalerts.fake.Acceptance;
import io.hipchatalerts.fake.Exchange;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.ReceivedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The rooms of a HipChat, and the alerts whose messages come there. */
final class Rooms implements AutoCloseable {

    /** The treatment of each request for an alert; runs on a thread of its connection. */
    interface Script {
        Reaction reactionTo(Call call);
    }

    /** A message, or a line of a digest. */
    private static final Pattern LINE = Pattern.compile("(?:[A-Z]+ )?#(\\d+) (\\S+) .*");

    /** A client that waits for less has read a head that is sent sooner. */
    private static final Duration SURELY_READ = Duration.ofSeconds(1);

    private static final Duration LOOK = Duration.ofMillis(50);

    final FakeHipChat fake = FakeHipChat.start();
    private final Script script;
    private final Map<String, Alert> alerts = new ConcurrentHashMap<>();
    final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger digests = new AtomicInteger();
    private final Queue<Sent> accepted = new ConcurrentLinkedQueue<>();
    private final Set<ReceivedRequest> surelyRead = ConcurrentHashMap.newKeySet();
    private final Set<ReceivedRequest> perhapsUnread = ConcurrentHashMap.newKeySet();
    private final Map<String, Instant> kills = new ConcurrentHashMap<>();

    /** The alerts of a message, the instance that sent it, and the time. */
    private record Sent(String from, Set<Alert> alerts, long at) {}

    Rooms(Script script) {
        this.script = script;
        fake.decides(this::reactionTo);
    }

    void expect(List<Alert> more) {
        more.forEach(alert -> alerts.put(alert.id, alert));
    }

    private Reaction reactionTo(ReceivedRequest request) {
        int number = requests.incrementAndGet();
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

    /** Notes that an instance is dead: nobody reads the answers to the requests that it made before. */
    void killed(String instance) {
        kills.put(instance, Instant.now());
    }

    /** Allows a repeat of each message whose answer the client may not know. Returns how many these are. */
    int forgiveUnheard() {
        Set<ReceivedRequest> givenUp = new HashSet<>(fake.givenUp());
        givenUp.removeAll(surelyRead);
        Set<ReceivedRequest> unheard = new HashSet<>(fake.perhapsUnread());
        unheard.addAll(perhapsUnread);
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

    /** One request about events. */
    record Call(Rooms rooms, int number, ReceivedRequest request, List<Event> events) {

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
                boolean isLate = Duration.between(request.at(), Instant.now()).compareTo(SURELY_READ) >= 0;
                // After the note above, at which the stopper looks after a kill.
                Instant kill = rooms.kills.getOrDefault(request.from(), Instant.MIN);
                (isLate || kill.isAfter(request.at()) ? rooms.perhapsUnread : rooms.surelyRead).add(request);
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
