package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AlertKeyTest {

    @Test
    void anOperatorCanReadIt() {
        AlertKey key = new AlertKey("cpu", "hipchat-cpu-alert", "cpu:host=web01", "Ops / Nightwatch");

        assertThat(key.under("hipchat-alerts"))
                .isEqualTo("hipchat-alerts:cpu:hipchat-cpu-alert:cpu%3Ahost%3Dweb01:Ops+%2F+Nightwatch");
    }

    @Test
    void aLongOneIsADigestAndStillTellsApart() {
        String first = new AlertKey("", "", "x".repeat(100_000), "room").under("p");
        String second = new AlertKey("", "", "x".repeat(100_001), "room").under("p");

        assertThat(first).startsWith("p:#").hasSize(67).isNotEqualTo(second);
    }

    @Test
    void ofFiveHundredAndTwelveCharactersItIsStillReadable() {
        assertThat(new AlertKey("", "", "x".repeat(508), "r").under("p")).isEqualTo("p:::" + "x".repeat(508) + ":r");
        assertThat(new AlertKey("", "", "x".repeat(509), "r").under("p")).startsWith("p:#");
    }

    @Property(seed = "20260502")
    void noChoiceOfTextsMakesTwoKeysCollide(@ForAll("tricky") AlertKey one, @ForAll("tricky") AlertKey other) {
        assertThat(one.under("p").equals(other.under("p"))).isEqualTo(one.equals(other));
    }

    @Property(seed = "20260502")
    void shiftingTextFromOnePartToTheNextChangesTheKey(@ForAll("tricky") AlertKey key) {
        List<AlertKey> shifted = List.of(
                new AlertKey(key.topic() + key.handler(), "", key.id(), key.room()),
                new AlertKey(key.topic(), key.handler() + key.id(), "", key.room()),
                new AlertKey(key.topic(), key.handler(), key.id() + ":" + key.room(), ""));

        for (AlertKey other : shifted) {
            assertThat(key.under("p").equals(other.under("p"))).isEqualTo(key.equals(other));
        }
    }

    @Provide
    Arbitrary<AlertKey> tricky() {
        Arbitrary<String> part =
                Arbitraries.strings().withChars(":%#+ /ab\u00e9\u2028").ofMaxLength(4);
        return Combinators.combine(part, part, part, part).as(AlertKey::new);
    }
}
