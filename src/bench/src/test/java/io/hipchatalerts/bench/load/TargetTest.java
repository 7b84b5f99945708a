package io.hipchatalerts.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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
        Target mixed = Target.mixed(80);
        List<Call> visits = Stream.generate(mixed::next)
                .limit(20L * Alerts.IDS)
                .filter(call -> call.request().contains("web-7\""))
                .toList();

        assertThat(visits)
                .hasSize(20)
                .filteredOn(call -> call.due().equals(Call.SENT))
                .containsExactly(visits.get(0), visits.get(10));
    }
}
