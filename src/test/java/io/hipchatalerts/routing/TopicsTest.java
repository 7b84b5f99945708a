package io.hipchatalerts.routing;

import static io.hipchatalerts.alert.TestEvents.given;
import static io.hipchatalerts.alert.TestEvents.options;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.match.Match;
import io.hipchatalerts.outcome.DeliveryOutcome;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The handlers that send an event of their topic: K §2.1 and §3, applied to events that arrive one by one. */
class TopicsTest {

    private static final List<String> GLOBAL = List.of("global", "-");
    private static final List<String> CHANGES_ONLY = List.of("changes", "-");

    /** From a bus; from a bus with {@code options: {}}; from a bus or point to point, with a room; point to point. */
    private static final List<String> WAYS = List.of("bus", "explicit", "bus+room", "post", "post+room");

    /**
     * The handlers of the event's topic: {@code +} accepts all events, {@code !} declines, {@code ?} fails.
     * {@code none} is an event without topic, {@code other} an event whose topic has only handlers of other kinds.
     */
    private static final List<String> HANDLERS = List.of("none", "other", "+a", "!a", "?a", "+a +b", "+a !b", "!a ?b");

    /**
     * Every combination: global, state changes only, way, handlers; the sender (a handler, {@code default}, or the room
     * that the request names), the handlers that decline, and whether state changes only is on. {@code *} stands for
     * any value.
     */
    private static final String TABLE = """
            -      | *       | bus       | none  | not-addressed | K §2.1 row 1: global is off and the event does not name HipChat
            -      | *       | bus       | other | not-addressed | the same: a handler of another kind does not count
            global | *       | bus       | none  | default       | K §2.1 rows 3, 5: the default one, from the configuration
            global | *       | bus       | other | default       | the same
            *      | *       | explicit  | none  | default       | K §2.1 rows 2, 4, 6: named explicitly, global or not
            *      | *       | explicit  | other | default       | the same
            *      | *       | post      | none  | default       | the same: a post to this program names HipChat
            *      | *       | post      | other | default       | the same
            *      | *       | bus       | +a    | a             | K §2.1: only the explicit handlers, not the default
            *      | *       | explicit  | +a    | a             | the same
            *      | *       | post      | +a    | a             | the same
            *      | *       | bus       | !a    | no a          | K §3.2: match decides; a declined event does not go to default
            *      | *       | explicit  | !a    | no a          | the same
            *      | *       | post      | !a    | no a          | the same
            *      | *       | bus       | ?a    | no a          | K §3.2: an error while evaluating: logged, not sent
            *      | *       | explicit  | ?a    | no a          | the same
            *      | *       | post      | ?a    | no a          | the same
            *      | *       | bus       | +a +b | a b           | K §1.2: several are several messages
            *      | *       | explicit  | +a +b | a b           | the same
            *      | *       | post      | +a +b | a b           | the same
            *      | *       | bus       | +a !b | a no b        | each for itself
            *      | *       | explicit  | +a !b | a no b        | the same
            *      | *       | post      | +a !b | a no b        | the same
            *      | *       | bus       | !a ?b | no a no b     | the same
            *      | *       | explicit  | !a ?b | no a no b     | the same
            *      | *       | post      | !a ?b | no a no b     | the same
            *      | *       | bus+room  | *     | room          | the request's own room: the handlers are not asked
            *      | *       | post+room | *     | room          | the same
            """;

    static Stream<String> everyCombination() {
        return GLOBAL.stream().flatMap(global -> CHANGES_ONLY.stream()
                .flatMap(changes -> WAYS.stream().flatMap(way -> HANDLERS.stream()
                        .map(handlers -> global + "|" + changes + "|" + way + "|" + handlers))));
    }

    @ParameterizedTest
    @MethodSource("everyCombination")
    void everyCombinationOfSettingsWayAndHandlersHasItsRow(String combination) {
        String[] given = combination.split("\\|", -1);
        List<String[]> rows = TABLE.lines()
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::trim).toArray(String[]::new))
                .filter(row -> fits(row, given))
                .toList();
        assertThat(rows).as("one row for " + combination).hasSize(1);
        boolean changesOnly = given[0].equals("global") && given[1].equals("changes");

        Route route = routing(given[0], given[1], given[3]).route(event(given[2], given[3]), origin(given[2]));

        assertThat(described(route)).isEqualTo(rows.get(0)[4]);
        if (route instanceof Route.To to) {
            assertThat(to.deliveries())
                    .as("K §2.1: state changes only is forced on where global and state-changes-only are")
                    .allSatisfy(delivery ->
                            assertThat(delivery.stateChangesOnly().on()).isEqualTo(changesOnly));
        }
    }

    /** Room, token and state changes only: body, request, handler file, configuration; and the result. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            - - -     | - - -    | h i | c v | h i false
            - - -     | - - -    | - i | c v | c i false
            - - -     | - - -    | h - | c v | h v false
            - - -     | - - -    | - - | c v | c v false
            - t -     | - - -    | h i | c v | h t false
            - - -     | - u -    | h i | c v | h u false
            - t -     | - u -    | h i | c v | h t false
            - - true  | - - -    | h i | c v | h i true
            - - -     | - - 10m  | h i | c v | h i 10m
            - - false | - - true | h i | c v | h i false
            - - -     | - - -    | h i | - - | h i false
            """)
    void aHandlersOptionsStandBetweenTheRequestAndTheConfiguration(
            String body, String request, String handler, String configured, String expected) {
        RequestOptions file = options(handler + " -");
        RequestOptions configuration = options(configured + " -");
        RequestOptions due = options(expected);
        HipChatConfig config = TestConfig.with(
                "enabled", "true",
                "room", configuration.room().orElse(""),
                "token", configuration.token().map(Token::value).orElse(""));

        Route route = new Routing(
                        config,
                        new TopicHandlers(
                                List.of(new TopicHandler("cpu", "a", file.room(), file.token(), Optional.empty()))))
                .route(
                        alert("cpu", options(body)),
                        new Origin(true, Optional.empty(), () -> options(request), Instant.EPOCH));

        assertThat(((Route.To) route).deliveries())
                .containsExactly(new Delivery(
                        Optional.of("cpu"),
                        Optional.of("a"),
                        due.room().orElseThrow(),
                        due.token().orElseThrow(),
                        options(body).over(options(request)).token().isEmpty(),
                        due.stateChangesOnly().orElseThrow()));
    }

    @Test
    void theRequestsOwnRoomUsesTheRequestsOrTheConfiguredTokenAndNeverAHandlers() {
        Routing routing = routing("-", "-", "+a");

        Route route = routing.route(alert("cpu", options("mine - -")), origin("bus"));

        assertThat(((Route.To) route).deliveries())
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.token()).isEqualTo(new Token("v")))
                .satisfies(delivery -> assertThat(delivery.handler()).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"cpu, disk, a", "disk, cpu, none", ", cpu, a"})
    void theBodysTopicBeatsTheEnvelopesWhenHandlersAreChosen(String body, String envelope, String sender) {
        AlertEvent event = alert(body, null);
        Origin origin = new Origin(true, Optional.of(envelope), () -> RequestOptions.NONE, Instant.EPOCH);

        Route route = routing("-", "-", "+a").route(event, origin);

        assertThat(described(route)).isEqualTo(sender.equals("none") ? "default" : sender);
    }

    @Test
    void aDecliningHandlerNeedsNoRoomAndAnAcceptingOneDoes() {
        Optional<Match> never = Optional.of(Match.parse("FALSE"));
        TopicHandler declines = new TopicHandler("cpu", "a", Optional.empty(), Optional.empty(), never);
        TopicHandler takes = new TopicHandler("cpu", "b", Optional.empty(), Optional.empty(), Optional.empty());

        Route route = bare(declines).route(alert("cpu", null), origin("bus"));

        assertThat(((Route.To) route).declined()).containsExactly(DeliveryOutcome.declined("a", null, ""));
        assertThatThrownBy(() -> bare(takes).route(alert("cpu", null), origin("bus")))
                .isInstanceOf(BadAlert.class)
                .hasMessageStartingWith("No room: set hipchat.room");
    }

    private static Routing bare(TopicHandler handler) {
        return new Routing(TestConfig.with("enabled", "true"), new TopicHandlers(List.of(handler)));
    }

    private static boolean fits(String[] row, String[] given) {
        for (int column = 0; column < given.length; column++) {
            if (!row[column].equals("*") && !row[column].equals(given[column])) {
                return false;
            }
        }
        return true;
    }

    private static Routing routing(String global, String changesOnly, String handlers) {
        return new Routing(
                TestConfig.with(
                        "enabled",
                        "true",
                        "room",
                        "c",
                        "token",
                        "v",
                        "global",
                        String.valueOf(global.equals("global")),
                        "state-changes-only",
                        String.valueOf(changesOnly.equals("changes"))),
                new TopicHandlers(
                        handlers.equals("none") || handlers.equals("other")
                                ? List.of()
                                : Arrays.stream(handlers.split(" ", -1))
                                        .map(TopicsTest::handler)
                                        .toList()));
    }

    private static TopicHandler handler(String description) {
        Optional<Match> match =
                switch (description.charAt(0)) {
                    case '!' -> Optional.of(Match.parse("level() == OK"));
                    case '?' -> Optional.of(Match.parse("\"host\" == 'serverA'"));
                    default -> Optional.empty();
                };
        String id = description.substring(1);
        return new TopicHandler("cpu", id, Optional.of("room-" + id), Optional.of(new Token("token-" + id)), match);
    }

    private static AlertEvent event(String way, String handlers) {
        RequestOptions options =
                switch (way) {
                    case "explicit" -> RequestOptions.NONE;
                    case "bus+room" -> options("mine - -");
                    default -> null;
                };
        return alert(handlers.equals("none") ? null : "cpu", options);
    }

    private static Origin origin(String way) {
        return new Origin(
                way.startsWith("post"),
                Optional.empty(),
                () -> options(way.equals("post+room") ? "asked - -" : "- - -"),
                Instant.EPOCH);
    }

    /** An event of level CRITICAL without tags. */
    private static AlertEvent alert(String topic, RequestOptions options) {
        return TestEvents.event("cpu", Level.CRITICAL, topic, options);
    }

    private static String described(Route route) {
        if (route instanceof Route.Nowhere nowhere) {
            return nowhere.reason().toString();
        }
        Route.To to = (Route.To) route;
        Stream<String> senders = to.deliveries().stream()
                .map(delivery -> delivery.handler().orElse(delivery.room().equals("c") ? "default" : "room"));
        Stream<String> declined = to.declined().stream().map(it -> "no " + it.handler());
        return Stream.concat(senders, declined).collect(joining(" "));
    }
}
