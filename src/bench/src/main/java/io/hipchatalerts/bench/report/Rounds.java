package io.hipchatalerts.bench.report;

import io.hipchatalerts.bench.load.Load;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;

/** The figures of all rounds, by measure and by column, and their medians and ratios. */
public final class Rounds {

    /** Ratios up to this far from 1 count as flat. */
    private static final double FLAT = 0.1;

    private final Map<Measure, Map<String, DescriptiveStatistics>> values = new LinkedHashMap<>();
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
                .computeIfAbsent(column, none -> new DescriptiveStatistics())
                .addValue(value);
    }

    /** Adds an amount of memory; a negative one is unknown. */
    public void addBytes(String measure, String column, long bytes) {
        if (bytes >= 0) {
            add(measure, "MiB", column, bytes / (double) (1 << 20));
        }
    }

    /** Adds the median, the 99th percentile and the maximum of a load's times. */
    public void addTimes(String load, String column, Histogram times) {
        add(load + ": p50", "ms", column, millis(times, 50));
        add(load + ": p99", "ms", column, millis(times, 99));
        add(load + ": max", "ms", column, millis(times, 100));
    }

    /** Adds the differences of two loads' quantiles: no call goes both ways. */
    public void addAdded(String load, String column, Histogram with, Histogram without) {
        add(load + ": added to p50", "ms", column, millis(with, 50) - millis(without, 50));
        add(load + ": added to p99", "ms", column, millis(with, 99) - millis(without, 99));
    }

    private static double millis(Histogram times, double percentile) {
        return times.getValueAtPercentile(percentile) / 1e6;
    }

    /** Adds the rate of a load, and the processor time that it took of the program. */
    public void addRate(String load, String column, Load.Closed result) {
        add(load, "alerts/s", column, result.perSecond());
        add(load + ": processor time", "us", column, result.cpuMicros());
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

    private List<String> row(
            Measure measure, Map<String, DescriptiveStatistics> figures, List<Ratio> ratios, boolean judges) {
        List<DescriptiveStatistics> all =
                ratios.stream().map(ratio -> ratios(figures, ratio)).toList();
        double noise = all.stream().mapToDouble(Rounds::spread).max().orElse(0);
        // One round does not say what noise is.
        boolean several = all.stream().anyMatch(rounds -> rounds.getN() > 1);
        List<String> cells = new ArrayList<>(List.of(measure.name(), measure.unit()));
        all.forEach(rounds -> cells.add(rounds.getN() == 0 ? "" : text(rounds.getPercentile(50))));
        cells.add(several ? text(noise) : "");
        columns.stream()
                .map(figures::get)
                .forEach(figure -> cells.add(figure == null ? "" : measure.text(figure.getPercentile(50))));
        if (judges) {
            boolean isFlat =
                    all.stream().noneMatch(rounds -> Math.abs(rounds.getPercentile(50) - 1) > Math.max(noise, FLAT));
            cells.add(!several ? "" : isFlat ? "yes" : "no");
        }
        return cells;
    }

    /** Returns the ratios of the rounds; none without figures, and where they mean nothing. */
    private static DescriptiveStatistics ratios(Map<String, DescriptiveStatistics> figures, Ratio ratio) {
        DescriptiveStatistics ratios = new DescriptiveStatistics();
        DescriptiveStatistics above = figures.get(ratio.column());
        DescriptiveStatistics below = figures.get(ratio.base());
        if (above != null && below != null && below.getMin() > 0) {
            IntStream.range(0, (int) below.getN())
                    .forEach(round -> ratios.addValue(above.getElement(round) / below.getElement(round)));
        }
        return ratios;
    }

    /** Returns the distance between the quartiles: one bad round does not make all of them noise. */
    private static double spread(DescriptiveStatistics figures) {
        return figures.getN() == 0 ? 0 : figures.getPercentile(75) - figures.getPercentile(25);
    }

    private static String text(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }
}
