package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

class EntryTextTest {

    private static final String HELD =
            "v1 -7 UNKNOWN 2026-01-01T00:00:00.000000001Z 1 2025-12-31T23:59:59Z" + " WARNING 2026-01-01T00:00:33.250Z";
    private static final String FREE = "v1 42 CRITICAL 2026-01-01T00:00:00Z 1 - -";

    @Test
    void anOperatorCanReadIt() {
        Entry held = new Entry(
                new AlertRecord(
                        Told.UNKNOWN,
                        Instant.parse("2026-01-01T00:00:00.000000001Z"),
                        1,
                        Optional.of(Instant.parse("2025-12-31T23:59:59Z")),
                        Optional.of(new AlertRecord.Hold(Told.WARNING, Instant.parse("2026-01-01T00:00:33.250Z")))),
                -7);
        Entry free = new Entry(
                new AlertRecord(
                        Told.CRITICAL, Instant.parse("2026-01-01T00:00:00Z"), 1, Optional.empty(), Optional.empty()),
                42);

        assertThat(EntryText.of(held)).isEqualTo(HELD);
        assertThat(EntryText.of(free)).isEqualTo(FREE);
    }

    @Property
    void whatIsWrittenIsReadBackToTheNanosecond(@ForAll("entries") Entry entry) {
        assertThat(EntryText.read("key", EntryText.of(entry))).isEqualTo(entry);
    }

    @Property
    void differentEntriesHaveDifferentTexts(@ForAll("entries") Entry one, @ForAll("entries") Entry other) {
        assertThat(EntryText.of(one).equals(EntryText.of(other))).isEqualTo(one.equals(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-",
                "v1",
                "{\"level\":\"CRITICAL\"}",
                "v2 42 CRITICAL 2026-01-01T00:00:00Z - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 1 -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 1 - - ",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 1 - - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 1 - OK",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 1 - OK -",
                "v1 42 CRITICAL - 1 - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 0 - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z -1 - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 01 - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 2147483648 - -",
                "v1 42 critical 2026-01-01T00:00:00Z 1 - -",
                "v1 42 FATAL 2026-01-01T00:00:00Z 1 - -",
                "v1 +42 CRITICAL 2026-01-01T00:00:00Z 1 - -",
                "v1 042 CRITICAL 2026-01-01T00:00:00Z 1 - -",
                "v1 9223372036854775808 CRITICAL 2026-01-01T00:00:00Z 1 - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00.0Z 1 - -",
                "v1 42 CRITICAL 2026-01-01T02:00:00+02:00 1 - -",
                "v1 42 CRITICAL 2026-02-30T00:00:00Z 1 - -",
                "v1 42  CRITICAL 2026-01-01T00:00:00Z 1 - -",
                "v1 42 CRITICAL 2026-01-01T00:00:00Z 1 - -\n",
            })
    void anythingElseIsRefusedAndTheKeyNamed(String text) {
        assertThatThrownBy(() -> EntryText.read("hipchat-alerts:cpu::web01:ops", text))
                .isInstanceOf(StoreUnavailable.class)
                .cause()
                .hasMessageContaining("hipchat-alerts:cpu::web01:ops");
    }

    @Property
    void aCutOrChangedLineIsRefusedOrStandsForAnEntryOfItsOwn(
            @ForAll("entries") Entry entry, @ForAll int place, @ForAll char other) {
        String text = EntryText.of(entry);
        int at = Math.floorMod(place, text.length());
        String damaged = text.substring(0, at) + other + text.substring(at + 1);

        for (String suspect : new String[] {damaged, text.substring(0, at)}) {
            try {
                assertThat(EntryText.of(EntryText.read("key", suspect))).isEqualTo(suspect);
            } catch (StoreUnavailable refused) {
                assertThat(refused.getCause()).hasMessageContaining("key");
            }
        }
    }

    @Provide
    Arbitrary<Entry> entries() {
        Arbitrary<Told> told = Arbitraries.of(Told.class);
        Arbitrary<Instant> time = Combinators.combine(
                        Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                        Arbitraries.integers().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
        Arbitrary<Optional<AlertRecord.Hold>> hold =
                Combinators.combine(told, time).as(AlertRecord.Hold::new).optional();
        Arbitrary<AlertRecord> record = Combinators.combine(
                        told, time, Arbitraries.integers().greaterOrEqual(1), time.optional(), hold)
                .as(AlertRecord::new);
        return Combinators.combine(record, Arbitraries.longs()).as(Entry::new);
    }
}
