package io.hipchatalerts.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundsTest {

    private static final List<Rounds.Ratio> RATIOS = List.of(new Rounds.Ratio("ours", "bare"));

    private final Rounds rounds = new Rounds();

    @Test
    void theRatioIsTheMedianOfTheRoundsRatiosAndNotTheRatioOfMedians() {
        add("bare", 1, 2, 4);
        add("ours", 3, 4, 4);

        assertThat(rounds.table(RATIOS, false).csv()).isEqualTo("""
                median,unit,ours/bare,noise,bare,ours
                time,us,2.00,2.00,2,4
                """);
    }

    @ParameterizedTest
    @CsvSource({
        // A ratio is flat within a tenth, and within the noise.
        "100 100 100 100, 109 109 109 109, yes",
        "100 100 100 100, 112 112 112 112, no",
        "100 100 100 100,  90 160 160 230, yes"
    })
    void ratiosNearOneOrWithinTheNoiseAreFlat(String bare, String ours, String flat) {
        for (int round = 0; round < 4; round++) {
            add("bare", Double.parseDouble(bare.split(" +", -1)[round]));
            add("ours", Double.parseDouble(ours.split(" +", -1)[round]));
        }

        assertThat(rounds.table(RATIOS, true).csv().lines().skip(1))
                .singleElement()
                .asString()
                .endsWith("," + flat);
    }

    @Test
    void oneRoundSaysNothingAboutNoise() {
        add("bare", 1);
        add("ours", 2);

        assertThat(rounds.table(RATIOS, true).csv()).contains("time,us,2.00,,1,2,\n");
    }

    @Test
    void aMeasureWithoutBaseOrWithADifferenceForABaseHasNoRatio() {
        add("ours", 2);
        rounds.add("added", "us", "bare", -1);
        rounds.add("added", "us", "ours", 1);

        assertThat(rounds.table(RATIOS, false).csv()).isEqualTo("""
                median,unit,ours/bare,noise,ours,bare
                time,us,,,2,
                added,us,,,1,-1
                """);
    }

    @Test
    void aTableIsAlignedForPeopleAndQuotedForMachines() {
        Table table = new Table(List.of("what", "ms"));
        table.add(List.of("sent, 8 callers", "1"));

        assertThat(table.csv()).isEqualTo("what,ms\n\"sent, 8 callers\",1\n");
        assertThat(table.markdown()).isEqualTo("""
                | what            | ms |
                |-----------------|----|
                | sent, 8 callers | 1  |
                """);
    }

    private void add(String column, double... figures) {
        for (double figure : figures) {
            rounds.add("time", "us", column, figure);
        }
    }
}
