package io.hipchatalerts.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows of equal columns: Markdown for people, and CSV for everything else. */
public final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    /** Makes a table with these columns. */
    public Table(List<String> columns) {
        rows.add(columns);
    }

    /** Adds a row. */
    public void add(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    /** Adds a row of two columns. */
    public void add(String what, Object value) {
        rows.add(List.of(what, String.valueOf(value)));
    }

    /** Returns the table as CSV. */
    public String csv() {
        return rows.stream()
                .map(cells -> cells.stream()
                        .map(cell -> cell.contains(",") ? "\"" + cell + "\"" : cell)
                        .collect(Collectors.joining(",", "", "\n")))
                .collect(Collectors.joining());
    }

    /** Returns the table as aligned Markdown. */
    public String markdown() {
        List<Integer> widths = IntStream.range(0, rows.get(0).size())
                .mapToObj(column -> rows.stream()
                        .mapToInt(cells -> cells.get(column).length())
                        .max()
                        .orElse(0))
                .toList();
        List<String> lines = new ArrayList<>(
                rows.stream().map(cells -> line(cells, widths, " ")).toList());
        lines.add(1, line(widths.stream().map("-"::repeat).toList(), widths, "-"));
        return String.join("", lines);
    }

    private static String line(List<String> cells, List<Integer> widths, String gap) {
        return IntStream.range(0, cells.size())
                .mapToObj(i ->
                        cells.get(i) + " ".repeat(widths.get(i) - cells.get(i).length()))
                .collect(Collectors.joining(gap + "|" + gap, "|" + gap, gap + "|\n"));
    }
}
