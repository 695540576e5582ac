package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The tables on the standard output. */
final class Tables {
    private static final String OURS = "keepalive";

    private Tables() {}

    /** A workload's tables, one per setting. */
    static String of(Results results, String workload, String title) {
        StringBuilder text = new StringBuilder();
        for (String setting : results.settings(workload)) {
            List<String> units = results.units(workload, setting);
            if (!units.isEmpty()) {
                text.append(workload)
                        .append(". ")
                        .append(title)
                        .append(": ")
                        .append(setting)
                        .append('\n');
                text.append(aligned(rows(results, workload, setting, units))).append('\n');
            }
        }
        return text.toString();
    }

    private static List<List<String>> rows(Results results, String workload, String setting, List<String> units) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("contender", "kind"));
        head.addAll(units);
        head.add("x ours");
        rows.add(head);
        String first = units.get(0);
        double ours = ours(results, workload, setting, first);
        results.contenders(workload).stream()
                .sorted(Comparator.comparingDouble(
                        name -> results.spread(workload, name, setting, first).median()))
                .forEach(name -> {
                    List<String> row = new ArrayList<>(List.of(name, Kinds.inWords(Kinds.of(name))));
                    Spread mine = results.spread(workload, name, setting, first);
                    if (mine.isThere()) {
                        units.forEach(unit -> row.add(
                                results.spread(workload, name, setting, unit).toString()));
                        row.add(Double.isNaN(ours) ? "–" : Numbers.shortly(mine.median() / ours));
                    }
                    results.failure(workload, name, setting).ifPresent(row::add);
                    if (row.size() > 2) {
                        rows.add(row);
                    }
                });
        return rows;
    }

    /** The figure of the manager's plainest way, or of the first of its ways if that was not measured. */
    private static double ours(Results results, String workload, String setting, String unit) {
        return results.contenders(workload).stream()
                .filter(name -> Kinds.of(name) == Kind.OURS)
                .sorted(Comparator.comparing(name -> !name.equals(OURS)))
                .mapToDouble(
                        name -> results.spread(workload, name, setting, unit).median())
                .filter(Double::isFinite)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The table of goals. */
    static String goals(List<Verdict> verdicts) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("workload", "goal", "ours", "against", "its figure", "ratio", "bound", "verdict"));
        for (Verdict verdict : verdicts) {
            Goal goal = verdict.goal();
            boolean alone = verdict.whom().isEmpty();
            rows.add(List.of(
                    goal.workload(),
                    goal.what(),
                    verdict.ours().toString(),
                    alone ? "–" : verdict.whom(),
                    alone ? "–" : verdict.base().toString(),
                    verdict.ratio().toString(),
                    goal.boundText(),
                    verdict.inWords()));
        }
        return aligned(rows);
    }

    /** Rows of cells, each column as wide as its widest cell; the last cell of a row may be as long as it likes. */
    static String aligned(List<List<String>> rows) {
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
