package io.hipchatalerts.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @ParameterizedTest
    @ValueSource(ints = {500, 1_000, 2_000, 500_000})
    void scatteredNumbersVisitEachIdOnceBeforeAnyAgain(int ids) {
        assertThat(LongStream.range(ids, 2L * ids)
                        .map(number -> Target.scattered(number, ids))
                        .distinct())
                .hasSize(ids);
    }

    @Test
    void anAlertThatChangesDoesSoWithEachVisit() {
        Target changed = Target.changed(80, 4);

        assertThat(LongStream.range(0, 4).mapToObj(visit -> changed.next().request()))
                .satisfiesExactly(
                        first -> assertThat(first).contains("web-1", "\"level\":\"WARNING\""),
                        second -> assertThat(second).contains("web-3", "\"level\":\"WARNING\""),
                        third -> assertThat(third).contains("web-1", "\"level\":\"CRITICAL\""),
                        fourth -> assertThat(fourth).contains("web-3", "\"level\":\"CRITICAL\""));
    }

    @Test
    void oneMixedAlertInTenChanges() {
        assertThat(Alerts.changes(0, 10L * Alerts.SENT_IDS)).isEqualTo(Alerts.SENT_IDS);
        assertThat(Alerts.changing(0)).isEqualTo("CRITICAL");
        assertThat(Alerts.changing(10L * Alerts.SENT_IDS)).isEqualTo("OK");
    }
}
