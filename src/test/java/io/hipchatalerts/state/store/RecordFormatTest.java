package io.hipchatalerts.state.store;

import static io.hipchatalerts.state.TestRecords.free;
import static io.hipchatalerts.state.TestRecords.withPending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.InDoubt;
import io.hipchatalerts.state.LastSent;
import io.hipchatalerts.state.Lease;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.StoredAlert;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFormatTest {

    private static final Instant T = Instant.parse("2026-05-02T09:15:30Z");

    @Test
    void anOperatorCanReadIt() {
        AlertState full = new AlertState(
                LastSent.UNKNOWN,
                Optional.of(T.minusSeconds(600)),
                T.plusNanos(1),
                Optional.of(new Lease(-3, T.plusMillis(35_250), LastSent.UNKNOWN, true)),
                Optional.of(new InDoubt(Optional.of(Level.OK), T.plusSeconds(12))),
                Optional.of(new Pending(
                        4,
                        new Change(
                                Level.CRITICAL,
                                Optional.of(Level.OK),
                                T.plusNanos(1),
                                Optional.of(Duration.ofMinutes(10))),
                        T.plusSeconds(1),
                        T.plusSeconds(2),
                        Optional.of(new StoredAlert(
                                "cpu:host=web01",
                                Optional.of("cpu"),
                                Optional.of("ops-chat"),
                                "Ops",
                                "CPU \"high\"\n<b>97 %</b> 🔥")))));

        assertThat(RecordFormat.write(new Versioned(free(LastSent.CRITICAL, T), 42)))
                .isEqualTo("v2 42 {\"lastSent\":\"CRITICAL\",\"newest\":\"2026-05-02T09:15:30Z\"}");
        assertThat(RecordFormat.write(new Versioned(full, -7)))
                .isEqualTo("v2 -7 {\"lastSent\":\"UNKNOWN\",\"lastSentAt\":\"2026-05-02T09:05:30Z\","
                        + "\"newest\":\"2026-05-02T09:15:30.000000001Z\","
                        + "\"lease\":{\"owner\":-3,\"until\":\"2026-05-02T09:16:05.250Z\",\"before\":\"UNKNOWN\","
                        + "\"disputed\":true},"
                        + "\"inDoubt\":{\"level\":\"OK\",\"until\":\"2026-05-02T09:15:42Z\"},"
                        + "\"pending\":{\"id\":4,\"level\":\"CRITICAL\",\"previousLevel\":\"OK\","
                        + "\"time\":\"2026-05-02T09:15:30.000000001Z\",\"interval\":\"PT10M\","
                        + "\"since\":\"2026-05-02T09:15:31Z\",\"due\":\"2026-05-02T09:15:32Z\","
                        + "\"alert\":{\"id\":\"cpu:host=web01\",\"topic\":\"cpu\",\"handler\":\"ops-chat\","
                        + "\"room\":\"Ops\",\"message\":\"CPU \\\"high\\\"\\n<b>97 %</b> 🔥\"}}}");
    }

    @Test
    void noTokenIsStored() {
        AlertEvent event = TestEvents.event("id", "m", Level.CRITICAL, Optional.empty(), T);
        Delivery delivery =
                new Delivery(Optional.empty(), Optional.empty(), "ops", new Token("s3cret"), true, StateChangesOnly.ON);
        Pending pending =
                new Pending(1, Change.of(event, delivery), T, T, Optional.of(StoredAlert.of(event, delivery)));

        assertThat(RecordFormat.write(new Versioned(withPending(free(LastSent.UNKNOWN, T), Optional.of(pending)), 1)))
                .contains("\"ops\"")
                .doesNotContain("s3cret");
    }

    @Property(seed = "20260502")
    void everyRecordIsOneLineThatIsReadBackAsItWasWritten(@ForAll("records") Versioned versioned) {
        String text = RecordFormat.write(versioned);
        String stored = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);

        assertThat(text).startsWith(RecordFormat.prefix(versioned)).doesNotContain("\n", "\r");
        assertThat(RecordFormat.read("key", stored)).isEqualTo(versioned);
    }

    @Property(seed = "20260502")
    void differentRecordsHaveDifferentTexts(@ForAll("records") Versioned one, @ForAll("records") Versioned other) {
        assertThat(RecordFormat.write(one).equals(RecordFormat.write(other))).isEqualTo(one.equals(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-",
                "v2",
                "v2 42",
                "v2 42 ",
                "v2 42 null",
                "v2 42 []",
                "v2 42 {}",
                "v2 42 {\"lastSent\":\"OK\"",
                "{\"level\":\"CRITICAL\"}",
                // Other versions.
                "v1 42 OK 2026-01-01T00:00:00Z 1 - -",
                "v1 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v3 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                // Other spellings of the version number.
                "v2 +42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 042 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 9223372036854775808 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                // Other white space and order.
                "v2 42  {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 42 {\"lastSent\": \"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"} ",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}\n",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}{}",
                "v2 42 {\"newest\":\"2026-01-01T00:00:00Z\",\"lastSent\":\"OK\"}",
                // Missing, unknown, repeated and empty fields.
                "v2 42 {\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 42 {\"lastSent\":\"OK\"}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":null}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\",\"more\":1}",
                "v2 42 {\"lastSent\":\"OK\",\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\",\"lease\":null}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\",\"lease\":{}}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\",\"inDoubt\":[]}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00Z\",\"pending\":\"x\"}",
                // Other values and types.
                "v2 42 {\"lastSent\":\"ok\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 42 {\"lastSent\":\"FATAL\",\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 42 {\"lastSent\":1,\"newest\":\"2026-01-01T00:00:00Z\"}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":1767225600}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T00:00:00.0Z\"}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-01-01T02:00:00+02:00\"}",
                "v2 42 {\"lastSent\":\"OK\",\"newest\":\"2026-02-30T00:00:00Z\"}",
                "v2 42 {\"lastSent\":\"UNKNOWN\",\"newest\":\"2026-01-01T00:00:00Z\","
                        + "\"lease\":{\"owner\":1.0,\"until\":\"2026-01-01T00:00:00Z\",\"before\":\"OK\"}}",
                "v2 42 {\"lastSent\":\"UNKNOWN\",\"newest\":\"2026-01-01T00:00:00Z\","
                        + "\"lease\":{\"owner\":\"1\",\"until\":\"2026-01-01T00:00:00Z\",\"before\":\"OK\"}}",
                "v2 42 {\"lastSent\":\"UNKNOWN\",\"newest\":\"2026-01-01T00:00:00Z\","
                        + "\"lease\":{\"owner\":9223372036854775808,\"until\":\"2026-01-01T00:00:00Z\","
                        + "\"before\":\"OK\"}}",
                "v2 42 {\"lastSent\":\"UNKNOWN\",\"newest\":\"2026-01-01T00:00:00Z\","
                        + "\"lease\":{\"owner\":1,\"until\":\"2026-01-01T00:00:00Z\",\"before\":\"OK\","
                        + "\"disputed\":false}}",
                "v2 42 {\"lastSent\":\"UNKNOWN\",\"newest\":\"2026-01-01T00:00:00Z\","
                        + "\"inDoubt\":{\"level\":\"UNKNOWN\",\"until\":\"2026-01-01T00:00:00Z\"}}",
            })
    void anyOtherTextIsAnOutageOfItsAlertThatNamesTheKeyAndNotTheText(String text) {
        assertThatThrownBy(() -> RecordFormat.read("hipchat-alerts:cpu::web01:ops", text))
                .isInstanceOfSatisfying(StoreUnavailable.class, failure -> assertThat(failure.isOfOneAlert())
                        .isTrue())
                .cause()
                .hasMessage("The record under hipchat-alerts:cpu::web01:ops was not written by this version of"
                        + " hipchat-alerts; update, or delete it");
    }

    @Property(seed = "20260502")
    void aTextThatIsCutOrChangedIsRefusedOrIsThatOfAnotherRecord(
            @ForAll("records") Versioned versioned, @ForAll int place, @ForAll char other) {
        String text = RecordFormat.write(versioned);
        int at = Math.floorMod(place, text.length());
        String damaged = text.substring(0, at) + other + text.substring(at + 1);

        for (String suspect : new String[] {damaged, text.substring(0, at)}) {
            try {
                assertThat(RecordFormat.write(RecordFormat.read("key", suspect)))
                        .isEqualTo(suspect);
            } catch (StoreUnavailable refused) {
                assertThat(refused.isOfOneAlert()).isTrue();
            }
        }
    }

    @Provide
    Arbitrary<Versioned> records() {
        Arbitrary<LastSent> lastSent = Arbitraries.of(LastSent.class);
        Arbitrary<Level> level = Arbitraries.of(Level.class);
        Arbitrary<Instant> time = Combinators.combine(
                        Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                        Arbitraries.integers().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
        Arbitrary<Duration> interval = Arbitraries.longs().greaterOrEqual(1).map(Duration::ofMillis);
        Arbitrary<Lease> lease = Combinators.combine(Arbitraries.longs(), time, lastSent, Arbitraries.of(true, false))
                .as(Lease::new);
        Arbitrary<InDoubt> inDoubt = Combinators.combine(level.optional(), time).as(InDoubt::new);
        Arbitrary<Change> change = Combinators.combine(level, level.optional(), time, interval.optional())
                .as(Change::new);
        Arbitrary<String> text = texts();
        Arbitrary<StoredAlert> alert = Combinators.combine(text, text.optional(), text.optional(), text, text)
                .as(StoredAlert::new);
        Arbitrary<Pending> pending = Combinators.combine(Arbitraries.longs(), change, time, time, alert.optional())
                .as(Pending::new);
        Arbitrary<AlertState> state = Combinators.combine(
                        lastSent, time.optional(), time, lease.optional(), inDoubt.optional(), pending.optional())
                .as(AlertState::new);
        return Combinators.combine(state, Arbitraries.longs()).as(Versioned::new);
    }

    /** Texts with everything that JSON, Redis or a line of text may stumble over; without halves of surrogate pairs. */
    private static Arbitrary<String> texts() {
        Arbitrary<String> odd = Arbitraries.of(
                "\"", "\\", "\n", "\r", "\u0000", "\u001f", "\u007f", "\u2028", "\ufeff", "{", "}", ":", " ", "🔥",
                "e\u0301", "\uffff", "v2 1 {}");
        Arbitrary<String> character = Arbitraries.integers()
                .between(0, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                .map(Character::toString);
        return Arbitraries.oneOf(odd, character).list().ofMaxSize(6).map(parts -> String.join("", parts));
    }
}
