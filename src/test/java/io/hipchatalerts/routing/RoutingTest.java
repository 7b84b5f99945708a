package io.hipchatalerts.routing;

import static io.hipchatalerts.alert.TestEvents.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.alert.Series;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.outcome.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingTest {

    private static final TopicHandlers NO_HANDLERS = new TopicHandlers(List.of());
    private static final String NO_ROOM = "No room: set hipchat.room, or name one in the body's options.room, the query"
            + " parameter room or the topic's handler file";
    private static final String NO_TOKEN = "No token: set hipchat.token, or give one in the body's options.token, the"
            + " header X-HipChat-Token or the topic's handler file";

    private static final Origin POINT_TO_POINT =
            new Origin(true, Optional.empty(), () -> RequestOptions.NONE, Instant.EPOCH);
    private static final Origin BUS = new Origin(false, Optional.empty(), () -> RequestOptions.NONE, Instant.EPOCH);

    /** Room, token and state changes only in the body, the request and the configuration; a dash for no value. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a t true   | b u false  | c v false  | a t true
            - - -      | b u true   | c v false  | b u true
            - - -      | - - -      | c v true   | c v true
            - - -      | - - -      | c v false  | c v false
            a - -      | - u -      | c v true   | a u true
            - t -      | b - -      | c v false  | b t false
            a - -      | - - -      | c v false  | a v false
            - - false  | - - true   | c v true   | c v false
            - - true   | - - false  | c v false  | c v true
            - - -      | - - false  | c v true   | c v false
            - - 10m    | - - 1h     | c v false  | c v 10m
            - - -      | - - 1h     | c v true   | c v 1h
            a t -      | - - -      | - - false  | a t false
            - - -      | b u -      | - - true   | b u true
            """)
    void theBodyBeatsTheRequestWhichBeatsTheConfiguration(
            String body, String request, String configured, String expected) {
        Routing routing = routing(settings(configured));

        Route route = routing.route(
                event(options(body)), new Origin(true, Optional.empty(), () -> options(request), Instant.EPOCH));

        assertThat(delivery(route)).isEqualTo(deliveryOf(expected));
    }

    @Test
    void stateChangesOnlyIsConfiguredOnlyTogetherWithGlobal() {
        assertThat(stateChangesOnly("state-changes-only", "true")).isEqualTo(StateChangesOnly.OFF);
        assertThat(stateChangesOnly("global", "true")).isEqualTo(StateChangesOnly.OFF);
        assertThat(stateChangesOnly("state-changes-only-interval", "10m")).isEqualTo(StateChangesOnly.OFF);
        assertThat(stateChangesOnly("global", "true", "state-changes-only", "true"))
                .isEqualTo(StateChangesOnly.ON);
    }

    @ParameterizedTest
    @CsvSource({"true, 10m", "10m, 10m", "1h, 1h", "false, false"})
    void optionsWithoutAnIntervalUseTheConfiguredOne(String said, String expected) {
        Routing routing = routing("room", "c", "token", "v", "state-changes-only-interval", "10m");

        Route route = routing.route(event(options("- - " + said)), POINT_TO_POINT);

        assertThat(delivery(route).stateChangesOnly()).isEqualTo(StateChangesOnly.parse(expected));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"a, b, a", "a, -, a", "-, b, b", "-, -, -"})
    void theBodysTopicBeatsTheEnvelopes(String body, String envelope, String expected) {
        AlertEvent event = TestEvents.event("cpu", Level.OK, body, null);

        Route route = routing("room", "c", "token", "v")
                .route(
                        event,
                        new Origin(true, Optional.ofNullable(envelope), () -> RequestOptions.NONE, Instant.EPOCH));

        assertThat(delivery(route).topic()).isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void halfASurrogatePairInAnEnvelopesTopicIsRefusedIfItWouldMergeTwoAlerts() {
        Origin origin = new Origin(true, Optional.of("\ud800"), () -> RequestOptions.NONE, Instant.EPOCH);

        assertThatThrownBy(() -> routing("room", "c", "token", "v").route(event(RequestOptions.NONE), origin))
                .isInstanceOf(BadAlert.class)
                .hasMessage("topic contains half a Unicode surrogate pair");
    }

    /**
     * Enabled or not, the event, its options, its way, global; then the first check that decides, {@code to} if none
     * does.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            false    | whole     | none       | point-to-point  | true   | disabled
            false    | empty     | none       | point-to-point  | true   | disabled
            false    | empty     | none       | bus             | false  | disabled
            true     | empty     | none       | point-to-point  | true   | empty-event
            true     | empty     | some       | bus             | false  | empty-event
            true     | empty     | none       | bus             | false  | empty-event
            true     | whole     | none       | bus             | false  | not-addressed
            true     | whole     | none       | bus             | true   | to
            true     | whole     | some       | bus             | false  | to
            true     | whole     | {}         | bus             | false  | to
            true     | whole     | none       | point-to-point  | false  | to
            true     | whole     | none       | point-to-point  | true   | to
            """)
    void anEventGoesToItsAddress(
            boolean enabled, String event, String options, String way, boolean global, String outcome) {
        RequestOptions said =
                switch (options) {
                    case "none" -> null;
                    case "{}" -> RequestOptions.NONE;
                    default -> options("a t -");
                };
        AlertEvent alert = event.equals("empty")
                ? new AlertEvent(
                        "",
                        "",
                        Level.OK,
                        Optional.empty(),
                        Instant.EPOCH,
                        Duration.ZERO,
                        Series.NONE,
                        Optional.empty(),
                        Optional.ofNullable(said))
                : TestEvents.event("cpu", Level.OK, null, said);
        String[] settings = {
            "enabled", String.valueOf(enabled), "global", String.valueOf(global), "room", "c", "token", "v"
        };

        Route route = new Routing(TestConfig.with(settings), NO_HANDLERS)
                .route(alert, way.equals("bus") ? BUS : POINT_TO_POINT);

        if (outcome.equals("to")) {
            assertThat(route).isInstanceOf(Route.To.class);
        } else {
            Reason reason = Reason.valueOf(outcome.replace('-', '_').toUpperCase(Locale.ROOT));
            assertThat(route).isEqualTo(new Route.Nowhere(reason));
        }
    }

    @Test
    void aSkippedEventNeedsNeitherRoomNorToken() {
        assertThat(new Routing(TestConfig.with(), NO_HANDLERS).route(event(RequestOptions.NONE), POINT_TO_POINT))
                .isEqualTo(new Route.Nowhere(Reason.DISABLED));
        assertThat(routing().route(plainEvent("cpu"), BUS)).isEqualTo(new Route.Nowhere(Reason.NOT_ADDRESSED));
    }

    @Test
    void aMissingRoomOrTokenIsRefusedWithTheKeyToSet() {
        assertRefused(routing("token", "v"), RequestOptions.NONE, NO_ROOM);
        assertRefused(routing("token", "v", "room", ""), RequestOptions.NONE, NO_ROOM);
        assertRefused(routing("room", "c"), RequestOptions.NONE, NO_TOKEN);
        assertRefused(routing("room", "c", "token", ""), RequestOptions.NONE, NO_TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "a\nb", "\u0000", "a\u007f", "\u0085"})
    void anInvalidRoomIsRefused(String room) {
        RequestOptions options = new RequestOptions(Optional.of(room), Optional.of(new Token("t")), Optional.empty());

        assertRefused(
                routing(),
                options,
                "The room is " + BadAlert.quote(room) + "; it cannot be the name or number of a HipChat room");
    }

    @ParameterizedTest
    @ValueSource(strings = {"...", ".a", "a/..", "../a", "#ops", "Ops & Team?", "100%", "Müll 🔥", "2042"})
    void anyOtherRoomIsAccepted(String room) {
        RequestOptions options = new RequestOptions(Optional.of(room), Optional.of(new Token("t")), Optional.empty());

        assertThat(delivery(routing().route(event(options), POINT_TO_POINT)).room())
                .isEqualTo(room);
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret\r\nX-Other: 1", "s3cret\n", "s3cret\u0000", "s3crét"})
    void aTokenThatNoHeaderCanCarryIsRefusedAndNotShown(String token) {
        RequestOptions options = new RequestOptions(Optional.of("a"), Optional.of(new Token(token)), Optional.empty());

        assertRefused(
                routing(),
                options,
                "The token (not shown) contains characters that no token has; allowed are printable ASCII characters");
    }

    @Test
    void onlyAnAlertWithStateNeedsAnId() {
        Routing withState = routing("room", "c", "token", "v", "global", "true", "state-changes-only", "true");
        Routing without = routing("room", "c", "token", "v");

        assertThat(delivery(without.route(plainEvent(""), POINT_TO_POINT))).isEqualTo(deliveryOf("c v false"));
        assertThatThrownBy(() -> withState.route(plainEvent(""), POINT_TO_POINT))
                .isInstanceOf(BadAlert.class)
                .hasMessage("id is empty, but state changes only needs it to distinguish alerts;"
                        + " give each alert an id or set stateChangesOnly to false");
    }

    private static StateChangesOnly stateChangesOnly(String... settings) {
        return delivery(routing(with(settings, "room", "c", "token", "v")).route(plainEvent("cpu"), POINT_TO_POINT))
                .stateChangesOnly();
    }

    private static void assertRefused(Routing routing, RequestOptions options, String refusal) {
        assertThatThrownBy(() -> routing.route(event(options), POINT_TO_POINT))
                .isInstanceOf(BadAlert.class)
                .hasMessage(refusal);
    }

    /** Returns an enabled configuration: the defaults, changed by {@code settings}. */
    private static Routing routing(String... settings) {
        return new Routing(TestConfig.with(with(settings, "enabled", "true")), NO_HANDLERS);
    }

    private static String[] with(String[] settings, String... more) {
        return Stream.of(settings, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private static AlertEvent event(RequestOptions options) {
        return TestEvents.event("cpu", Level.OK, null, options);
    }

    private static AlertEvent plainEvent(String id) {
        return TestEvents.event(id, Level.OK, null, null);
    }

    private static Delivery delivery(Route route) {
        assertThat(route).isInstanceOf(Route.To.class);
        assertThat(((Route.To) route).deliveries()).hasSize(1);
        return ((Route.To) route).deliveries().get(0);
    }

    private static Delivery deliveryOf(String words) {
        RequestOptions all = options(words);
        return new Delivery(
                Optional.empty(),
                Optional.empty(),
                all.room().orElseThrow(),
                all.token().orElseThrow(),
                all.token().equals(Optional.of(new Token("v"))),
                all.stateChangesOnly().orElseThrow());
    }

    private static String[] settings(String words) {
        String[] word = words.split(" ", -1);
        return new String[] {
            "room",
            word[0].replace("-", ""),
            "token",
            word[1].replace("-", ""),
            "global",
            "true",
            "state-changes-only",
            word[2]
        };
    }
}
