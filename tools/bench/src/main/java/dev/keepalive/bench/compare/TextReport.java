package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Formats the tables for standard output. */
final class TextReport {
    private static final String OURS = "keepalive";

    private TextReport() {}

    /** The tables of a workload, one per setting. */
    static String formatWorkload(FigureTable table, String workload, String title) {
        StringBuilder text = new StringBuilder();
        for (String setting : table.settings(workload)) {
            List<String> units = table.units(workload, setting);
            if (!units.isEmpty()) {
                text.append(workload)
                        .append(". ")
                        .append(title)
                        .append(": ")
                        .append(setting)
                        .append('\n');
                text.append(align(rows(table, workload, setting, units))).append('\n');
            }
        }
        return text.toString();
    }

    private static List<List<String>> rows(FigureTable table, String workload, String setting, List<String> units) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("contender", "kind"));
        head.addAll(units);
        head.add("x ours");
        rows.add(head);
        String first = units.get(0);
        double ours = ours(table, workload, setting, first);
        table.contenders(workload).stream()
                .sorted(Comparator.comparingDouble(
                        name -> table.range(workload, name, setting, first).median()))
                .forEach(name -> {
                    List<String> row =
                            new ArrayList<>(List.of(name, KindLookup.of(name).label()));
                    MedianRange mine = table.range(workload, name, setting, first);
                    if (mine.isPresent()) {
                        units.forEach(unit -> row.add(
                                table.range(workload, name, setting, unit).toString()));
                        row.add(Double.isNaN(ours) ? "–" : FigureFormat.format(mine.median() / ours));
                    }
                    table.failure(workload, name, setting).ifPresent(row::add);
                    if (row.size() > 2) {
                        rows.add(row);
                    }
                });
        return rows;
    }

    /**
     * The figure of contender {@code keepalive}; if that was not measured, of another contender that is the manager.
     */
    private static double ours(FigureTable table, String workload, String setting, String unit) {
        return table.contenders(workload).stream()
                .filter(name -> KindLookup.of(name) == ContenderKind.OURS)
                .sorted(Comparator.comparing(name -> !name.equals(OURS)))
                .mapToDouble(name -> table.range(workload, name, setting, unit).median())
                .filter(Double::isFinite)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The table of goals. */
    static String formatGoals(List<GoalVerdict> verdicts) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("workload", "goal", "ours", "against", "its figure", "ratio", "bound", "verdict"));
        for (GoalVerdict verdict : verdicts) {
            Goal goal = verdict.goal();
            boolean alone = verdict.contender().isEmpty();
            rows.add(List.of(
                    goal.workload(),
                    goal.description(),
                    verdict.ours().toString(),
                    alone ? "–" : verdict.contender(),
                    alone ? "–" : verdict.base().toString(),
                    verdict.ratio().toString(),
                    goal.boundText(),
                    verdict.text()));
        }
        return align(rows);
    }

    /**
     * Aligns the cells of rows in columns. A column is as wide as its widest cell; the last cell of a shorter row, a
     * failure's reason, does not count.
     */
    static String align(List<List<String>> rows) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                if (i < row.size() - 1 || row.size() == rows.get(0).size()) {
                    widths.set(i, Math.max(widths.get(i), row.get(i).length()));
                }
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i))
                        .append(" "
                                .repeat(Math.max(0, widths.get(i) - row.get(i).length()) + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
