package io.hipchatalerts.bench.report;

import io.hipchatalerts.bench.load.LoadResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;

/** The figures of all rounds, by measure and by column, and their medians and ratios. */
public final class Rounds {

    /** Ratios up to this far from 1 count as flat. */
    private static final double FLAT = 0.1;

    private final Map<Measure, Map<String, List<Double>>> values = new LinkedHashMap<>();
    private final Set<String> columns = new LinkedHashSet<>();

    /** A column over another one, its base. */
    public record Ratio(String column, String base) {}

    private record Measure(String name, String unit) {

        String text(double value) {
            String format =
                    switch (unit) {
                        case "ms" -> value < 10 ? "%.3f" : "%.0f";
                        case "MiB" -> "%.1f";
                        case "calls" -> "%.2f";
                        default -> "%.0f";
                    };
            return String.format(Locale.ROOT, format, value);
        }
    }

    /** Adds the figure of a round. */
    public void add(String measure, String unit, String column, double value) {
        columns.add(column);
        values.computeIfAbsent(new Measure(measure, unit), none -> new LinkedHashMap<>())
                .computeIfAbsent(column, none -> new ArrayList<>())
                .add(value);
    }

    /** Adds an amount of memory; a negative one is unknown. */
    public void addBytes(String measure, String column, long bytes) {
        if (bytes >= 0) {
            add(measure, "MiB", column, bytes / (double) (1 << 20));
        }
    }

    /** Adds the median, the 99th percentile and the maximum of a load's times. */
    public void addTimes(String load, String column, LoadResult result) {
        add(load + ": p50", "ms", column, result.millis(0.5));
        add(load + ": p99", "ms", column, result.millis(0.99));
        add(load + ": max", "ms", column, result.millis(1));
    }

    /** Adds the differences of two loads' quantiles: no call goes both ways. */
    public void addAdded(String load, String column, LoadResult with, LoadResult without) {
        add(load + ": added to p50", "ms", column, with.millis(0.5) - without.millis(0.5));
        add(load + ": added to p99", "ms", column, with.millis(0.99) - without.millis(0.99));
    }

    /** Adds the rate of a load, and the processor time that it took of the program. */
    public void addRate(String load, String column, LoadResult result) {
        add(load, "alerts/s", column, result.perSecond());
        if (result.programCpu() > 0) {
            add(load + ": processor time", "us", column, result.cpuMicros());
        }
    }

    /**
     * Returns the medians of the rounds' ratios, the distance between their quartiles as noise, and the medians of the
     * columns.
     *
     * @param ratios the ratios
     * @param judges whether a last column says that all ratios are 1, but for their noise or a tenth
     */
    public Table table(List<Ratio> ratios, boolean judges) {
        List<String> head = new ArrayList<>(List.of("median", "unit"));
        ratios.forEach(ratio -> head.add(ratio.column() + "/" + ratio.base()));
        head.add("noise");
        head.addAll(columns);
        head.addAll(judges ? List.of("flat") : List.of());
        Table table = new Table(head);
        values.forEach((measure, figures) -> table.add(row(measure, figures, ratios, judges)));
        return table;
    }

    private List<String> row(Measure measure, Map<String, List<Double>> figures, List<Ratio> ratios, boolean judges) {
        List<Optional<double[]>> all =
                ratios.stream().map(ratio -> ratios(figures, ratio)).toList();
        List<double[]> known = all.stream().flatMap(Optional::stream).toList();
        double noise = known.stream().mapToDouble(Rounds::spread).max().orElse(0);
        // One round does not say what noise is.
        boolean several = known.stream().anyMatch(rounds -> rounds.length > 1);
        List<String> cells = new ArrayList<>(List.of(measure.name(), measure.unit()));
        all.forEach(
                rounds -> cells.add(rounds.map(Rounds::median).map(Rounds::text).orElse("")));
        cells.add(several ? text(noise) : "");
        columns.forEach(column -> cells.add(Optional.ofNullable(figures.get(column))
                .map(Rounds::array)
                .map(Rounds::median)
                .map(measure::text)
                .orElse("")));
        if (judges) {
            boolean isFlat = known.stream().allMatch(rounds -> Math.abs(median(rounds) - 1) <= Math.max(noise, FLAT));
            cells.add(!several ? "" : isFlat ? "yes" : "no");
        }
        return cells;
    }

    /** Returns the ratios of the rounds; empty without figures, and where they mean nothing. */
    private static Optional<double[]> ratios(Map<String, List<Double>> figures, Ratio ratio) {
        List<Double> above = figures.get(ratio.column());
        List<Double> below = figures.get(ratio.base());
        return above == null || below == null || below.stream().anyMatch(figure -> figure <= 0)
                ? Optional.empty()
                : Optional.of(IntStream.range(0, below.size())
                        .mapToDouble(round -> above.get(round) / below.get(round))
                        .toArray());
    }

    private static double[] array(List<Double> figures) {
        return figures.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double median(double[] figures) {
        return StatUtils.percentile(figures, 50);
    }

    /** Returns the distance between the quartiles: one bad round does not make all of them noise. */
    private static double spread(double[] figures) {
        return StatUtils.percentile(figures, 75) - StatUtils.percentile(figures, 25);
    }

    private static String text(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }
}
