package io.hipchatalerts.state;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.routing.TestDeliveries;
import io.hipchatalerts.state.AlertStates.Settled;
import io.hipchatalerts.state.store.MemoryStore;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kapacitor's state changes only against the function's, sequence by sequence (K §2.5). If the function does the work,
 * Kapacitor's node has it switched off: Kapacitor's column "off" arrives, and Kapacitor's column "on" has to be sent.
 * Each test with another result explains it.
 *
 * <p>A sequence has one point a second, beginning at 0; {@code -} is a second in which nothing arrives or is sent, and
 * {@code !} marks a point at which the node is inhibited. {@link Node} models Kapacitor's node; each table also checks
 * the model against the reference.
 */
class KapacitorSequencesTest {

    private static final Instant T = Instant.parse("2026-05-02T09:15:30Z");
    private static final Map<String, Level> LEVELS =
            Map.of("OK", Level.OK, "I", Level.INFO, "W", Level.WARNING, "C", Level.CRITICAL);

    private static final SendResult ACCEPTED = new SendResult.Accepted("204");
    private static final SendResult NOT_SENT = new SendResult.NotSent("429", Optional.empty(), true);

    private static final StateChangesOnly OFF = StateChangesOnly.OFF;
    private static final StateChangesOnly ON = StateChangesOnly.ON;

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # levels             | off                  | on                 | every 3 s
            OK OK OK             | - - -                | - - -              | - - -
            OK C C C OK OK       | - C C C OK -         | - C - - OK -       | - C - - OK -
            C C OK               | C C OK               | C - OK             | C - OK
            W W C C W OK         | W W C C W OK         | W - C - W OK       | W - C - W OK
            I OK I OK            | I OK I OK            | I OK I OK          | I OK I OK
            OK W I W C OK C      | - W I W C OK C       | - W I W C OK C     | - W I W C OK C
            C C C C C C OK OK OK | C C C C C C OK - -   | C - - - - - OK - - | C - - C - - OK - -
            W C W C W C OK       | W C W C W C OK       | W C W C W C OK     | W C W C W C OK
            """)
    void theSameIsSentAsByKapacitorsNode(String levels, String off, String on, String everyThreeSeconds) {
        StateChangesOnly interval = every(3);
        Node node = new Node(levels);

        assertThat(node.sends(OFF)).isEqualTo(off);
        assertThat(node.sends(ON)).isEqualTo(on);
        assertThat(node.sends(interval)).isEqualTo(everyThreeSeconds);
        assertThat(sent(OFF, off)).isEqualTo(off);
        assertThat(sent(ON, off)).isEqualTo(on);
        assertThat(sent(interval, off)).isEqualTo(everyThreeSeconds);
    }

    /** Both sides may be on: all that Kapacitor sends is news here, too. */
    @Property(seed = "20260502")
    void anySequenceIsSentAsByKapacitorsNodeWhicheverSideIsOn(
            @ForAll @Size(max = 14) List<Level> levels, @ForAll @IntRange(max = 5) int seconds) {
        StateChangesOnly wanted = seconds == 0 ? ON : every(seconds);
        Node node = new Node(text(levels));
        String expected = node.sends(wanted);

        assertThat(sent(wanted, node.sends(OFF))).isEqualTo(expected);
        assertThat(sent(wanted, expected)).isEqualTo(expected);
        assertThat(sent(OFF, expected)).isEqualTo(expected);
    }

    /** Kapacitor leaves out recoveries; the rest is the same as long as the level differs from the last. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # levels             | off, noRecoveries  | on, noRecoveries
            OK OK OK             | - - -              | - - -
            OK C C C OK OK       | - C C C - -        | - C - - - -
            C C OK               | C C -              | C - -
            W W C C W OK         | W W C C W -        | W - C - W -
            C C C C C C OK OK OK | C C C C C C - - -  | C - - - - - - - -
            W C W C W C OK       | W C W C W C -      | W C W C W C -
            """)
    void withoutRecoveriesTheSameIsSentAsByKapacitorsNode(String levels, String off, String on) {
        Node node = new Node(levels).withoutRecoveries();

        assertThat(node.sends(OFF)).isEqualTo(off);
        assertThat(node.sends(ON)).isEqualTo(on);
        assertThat(sent(OFF, off)).isEqualTo(off);
        assertThat(sent(ON, off)).isEqualTo(on);
    }

    /**
     * Only Kapacitor's node knows the OK in between: the event after it says that the level before was the same
     * (K §2.4). To the room nothing has changed.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # levels        | off, noRecoveries | Kapacitor, on   | sent here
            I OK I OK       | I - I -           | I - I -         | I - - -
            OK W I W C OK C | - W I W C - C     | - W I W C - C   | - W I W C - -
            """)
    void withoutRecoveriesALevelThatComesBackIsNoNews(String levels, String off, String kapacitor, String sent) {
        Node node = new Node(levels).withoutRecoveries();

        assertThat(node.sends(OFF)).isEqualTo(off);
        assertThat(node.sends(ON)).isEqualTo(kapacitor);
        assertThat(sent(OFF, off)).isEqualTo(off);
        assertThat(sent(ON, off)).isEqualTo(sent).isNotEqualTo(kapacitor);
    }

    @Test
    void withoutRecoveriesAnIntervalSendsTheLevelThatCameBack() {
        assertThat(sent(every(2), "I - I -")).isEqualTo("I - I -");
    }

    /**
     * Kapacitor's node remembers levels while it is inhibited and calls them old afterwards; it even sends recoveries
     * from levels that it never sent. The function compares with the last message in the room: it sends the first event
     * of a level that arrives, and not a level that the room shows already.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # levels        | off            | Kapacitor, on  | sent here     | Kapacitor, 2 s | sent here, 2 s
            OK C! C! C C OK | - - - C C OK   | - - - - - OK   | - - - C - OK  | - - - C - OK   | - - - C - OK
            C C! OK! C      | C - - C        | C - - C        | C - - -       | C - - C        | C - - C
            C W! C          | C - C          | C - C          | C - -         | C - C          | C - C
            C! C OK         | - C OK         | - - OK         | - C OK        | - - OK         | - C OK
            C! OK           | - OK           | - OK           | - -           | - OK           | - -
            """)
    void theLastMessageInTheRoomCountsAndNotALevelEnteredWhileInhibited(
            String levels, String off, String kapacitor, String sent, String kapacitorEvery, String sentEvery) {
        StateChangesOnly interval = every(2);
        Node node = new Node(levels);

        assertThat(node.sends(OFF)).isEqualTo(off);
        assertThat(node.sends(ON)).isEqualTo(kapacitor);
        assertThat(node.sends(interval)).isEqualTo(kapacitorEvery);
        assertThat(sent(OFF, off)).isEqualTo(off);
        assertThat(sent(ON, off)).isEqualTo(sent).isNotEqualTo(kapacitor);
        assertThat(sent(interval, off)).isEqualTo(sentEvery);
    }

    /** Kapacitor's own tests: the levels of the points, and {@code second:level:previousLevel} of each message. */
    @ParameterizedTest(name = "{0}, every {1} s")
    @CsvSource(delimiter = '|', textBlock = """
            OK C C C C C C C C C OK OK    | 2 | 1:C:OK 3:C:C 5:C:C 7:C:C 9:C:C 10:OK:C
            C C W W OK W W W OK OK OK OK  |   | 0:C:OK 2:W:C 4:OK:W 5:W:OK 8:OK:W
            """)
    void theSameIsSentAsInKapacitorsOwnTests(String levels, Integer seconds, String expected) {
        StateChangesOnly wanted = seconds == null ? ON : every(seconds);
        Node node = new Node(levels);

        String sent = sent(wanted, node.sends(OFF));

        assertThat(withPreviousLevels(sent)).isEqualTo(expected);
        assertThat(withPreviousLevels(node.sends(wanted))).isEqualTo(expected);
    }

    /** Kapacitor's own test without recoveries: its node has state changes only off and lets W at 4 through. */
    @Test
    void theSameIsSentAsInKapacitorsOwnTestWithoutRecoveriesButTheLevelThatDidNotChange() {
        Node node = new Node("W OK I W W C OK I OK OK OK OK").withoutRecoveries();

        assertThat(withPreviousLevels(node.sends(OFF))).isEqualTo("0:W:OK 2:I:W 3:W:I 4:W:W 5:C:W 7:I:C");
        assertThat(sent(OFF, node.sends(OFF))).isEqualTo("W - I W W C - I - - - -");
        assertThat(sent(ON, node.sends(OFF))).isEqualTo("W - I W - C - I - - - -");
    }

    /** Batches come with the times of their points; a recovery has that of the batch's end. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({", 0 38", "15, 0 20 38"})
    void batchesAreSentAsByKapacitor(Integer seconds, String expected) {
        Room room = new Room(seconds == null ? ON : every(seconds));
        List<String> sent = new ArrayList<>();

        Level previous = Level.OK;
        for (int second : new int[] {0, 10, 20, 38}) {
            Level level = second == 38 ? Level.OK : Level.CRITICAL;
            if (room.gets(event("id", level, previous, second))) {
                sent.add(Integer.toString(second));
            }
            previous = level;
        }

        assertThat(String.join(" ", sent)).isEqualTo(expected);
    }

    /** While an alert is flapping, Kapacitor's node is silent; here each change that arrives is sent. */
    @Test
    void eachChangeOfAFlappingAlertThatArrivesIsSent() {
        assertThat(sent(ON, "- C OK W C OK C OK W OK - -")).isEqualTo("- C OK W C OK C OK W OK - -");
    }

    /** Kapacitor's node calls a level old that it entered while flapping, as it does while inhibited. */
    @Test
    void aLevelEnteredWhileFlappingIsSentWhenItFirstArrives() {
        assertThat(sent(ON, "W OK - - C C")).isEqualTo("W OK - - C -");
    }

    /** Kapacitor counts the time from the last event that its node sent; here it counts from the last accepted message. */
    @Test
    void aReminderThatHipChatDidNotAcceptStaysDue() {
        Room room = new Room(every(3));

        assertThat(room.gets(event("id", Level.CRITICAL, Level.OK, 0))).isTrue();
        assertThat(room.asks(event("id", Level.CRITICAL, Level.CRITICAL, 3), NOT_SENT))
                .isTrue();
        assertThat(room.gets(event("id", Level.CRITICAL, Level.CRITICAL, 4))).isTrue();
        assertThat(room.gets(event("id", Level.CRITICAL, Level.CRITICAL, 6))).isFalse();
        assertThat(room.gets(event("id", Level.CRITICAL, Level.CRITICAL, 7))).isTrue();
    }

    /** Kapacitor keeps a state for each group, also where several groups share an id. */
    @Test
    void groupsThatShareAnIdShareAState() {
        Room room = new Room(ON);

        assertThat(room.gets(event("shared", Level.CRITICAL, Level.OK, 0))).isTrue();
        assertThat(room.gets(event("shared", Level.WARNING, Level.CRITICAL, 0))).isTrue();
        assertThat(room.gets(event("shared", Level.CRITICAL, Level.WARNING, 1))).isTrue();
        assertThat(room.gets(event("other", Level.CRITICAL, Level.OK, 1))).isTrue();
    }

    @Test
    void eachRoomAndTopicHasAStateOfItsOwn() {
        Room room = new Room(ON);
        AlertEvent event = event("id", Level.CRITICAL, Level.OK, 0);
        Delivery ofTopic = new Delivery(Optional.of("cpu"), Optional.empty(), "alerts", new Token("t"), true, ON);

        assertThat(room.gets(event)).isTrue();
        assertThat(room.asks(event, TestDeliveries.to("other"), ACCEPTED)).isTrue();
        assertThat(room.asks(event, ofTopic, ACCEPTED)).isTrue();
        assertThat(room.asks(event, TestDeliveries.to("loud", OFF), ACCEPTED)).isTrue();
        assertThat(room.asks(event, TestDeliveries.to("loud", OFF), ACCEPTED)).isTrue();
        assertThat(room.gets(event)).isFalse();
    }

    /** Returns the events of {@code arrives} that the function sends, if HipChat accepts everything. */
    private static String sent(StateChangesOnly stateChangesOnly, String arrives) {
        Room room = new Room(stateChangesOnly);
        List<String> sent = new ArrayList<>();
        Level previous = Level.OK;
        for (String symbol : symbols(arrives)) {
            Level level = LEVELS.get(symbol);
            boolean isSent = level != null && room.gets(event("id", level, previous, sent.size()));
            sent.add(isSent ? symbol : "-");
            previous = level == null ? previous : level;
        }
        return String.join(" ", sent);
    }

    private static List<String> symbols(String sequence) {
        return sequence.isEmpty() ? List.of() : Arrays.asList(sequence.split(" "));
    }

    private static String text(List<Level> levels) {
        return levels.stream()
                .map(level -> level == Level.OK ? "OK" : level.name().substring(0, 1))
                .collect(joining(" "));
    }

    /** Returns {@code second:level:previousLevel} of each message. */
    private static String withPreviousLevels(String sent) {
        List<String> events = new ArrayList<>();
        String previous = "OK";
        List<String> symbols = symbols(sent);
        for (int second = 0; second < symbols.size(); second++) {
            String symbol = symbols.get(second);
            if (LEVELS.containsKey(symbol)) {
                events.add(second + ":" + symbol + ":" + previous);
                previous = symbol;
            }
        }
        return String.join(" ", events);
    }

    private static StateChangesOnly every(int seconds) {
        return StateChangesOnly.every(Duration.ofSeconds(seconds));
    }

    private static AlertEvent event(String id, Level level, Level previous, long second) {
        return TestEvents.event(id, "m", level, Optional.of(previous), T.plusSeconds(second));
    }

    /** A room, and the function in front of it. */
    private static final class Room {

        private final VirtualTime time = new VirtualTime(T);
        private final AlertStates states = TestAlertStates.over(
                new MemoryStore(time), TestConfig.with("state.on-outage", "fail"), time, new SplittableRandom(7));
        private final StateChangesOnly stateChangesOnly;

        Room(StateChangesOnly stateChangesOnly) {
            this.stateChangesOnly = stateChangesOnly;
        }

        boolean gets(AlertEvent event) {
            return asks(event, ACCEPTED);
        }

        boolean asks(AlertEvent event, SendResult result) {
            return asks(event, TestDeliveries.to("alerts", stateChangesOnly), result);
        }

        boolean asks(AlertEvent event, Delivery delivery, SendResult result) {
            time.pass(Duration.ofSeconds(1));
            Claim claim = states.claim(event, delivery, false, Deadline.in(Duration.ofSeconds(25), time));
            if (claim instanceof Claim.Granted granted) {
                assertThat(states.settle(granted, result, Optional.empty())).isNotEqualTo(Settled.UNCONFIRMED);
                return true;
            }
            assertThat(claim).isInstanceOf(Claim.Suppressed.class);
            return false;
        }
    }

    /** Kapacitor's alert node for one group, one point a second (K §2.3). */
    private record Node(String levels, boolean recoveries) {

        Node(String levels) {
            this(levels, true);
        }

        Node withoutRecoveries() {
            return new Node(levels, false);
        }

        String sends(StateChangesOnly stateChangesOnly) {
            List<String> sent = new ArrayList<>();
            String last = "OK";
            int lastTriggered = 0;
            for (String point : symbols(levels)) {
                int second = sent.size();
                String level = point.replace("!", "");
                boolean changed = !level.equals(last);
                Duration since = Duration.ofSeconds(second - lastTriggered);
                boolean expired = stateChangesOnly
                        .interval()
                        .filter(interval -> since.compareTo(interval) >= 0)
                        .isPresent();
                boolean triggered = changed || (!level.equals("OK") && (!stateChangesOnly.on() || expired));
                boolean dropped = point.endsWith("!") || (!recoveries && level.equals("OK"));
                sent.add(triggered && !dropped ? level : "-");
                lastTriggered = triggered ? second : lastTriggered;
                last = level;
            }
            return String.join(" ", sent);
        }
    }
}
