package dev.keepalive.bench.compare;

import static dev.keepalive.bench.Figure.quoted;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Writes all figures and goals of a run as JSON. */
final class JsonReport {
    private JsonReport() {}

    static String format(HostInfo host, FigureTable table, List<GoalVerdict> verdicts) {
        return "{\n\"host\":{\"jdk\":" + quoted(host.version()) + ",\"cores\":" + host.cores() + ",\"system\":"
                + quoted(host.system()) + "},\n\"figures\":[\n" + String.join(",\n", figures(table))
                + "\n],\n\"goals\":[\n"
                + verdicts.stream().map(JsonReport::goalJson).collect(Collectors.joining(",\n")) + "\n]\n}\n";
    }

    private static List<String> figures(FigureTable table) {
        List<String> lines = new ArrayList<>();
        for (String workload : table.workloads()) {
            for (String setting : table.settings(workload)) {
                for (String contender : table.contenders(workload)) {
                    String prefix = "{\"workload\":" + quoted(workload) + ",\"setting\":" + quoted(setting)
                            + ",\"contender\":" + quoted(contender) + ",\"kind\":"
                            + quoted(KindLookup.of(contender).label());
                    table.units(workload, setting)
                            .forEach(unit -> figure(table, workload, contender, setting, unit, prefix, lines));
                    table.failure(workload, contender, setting)
                            .ifPresent(why -> lines.add(prefix + ",\"failure\":" + quoted(why) + "}"));
                }
            }
        }
        return lines;
    }

    private static void figure(
            FigureTable table,
            String workload,
            String contender,
            String setting,
            String unit,
            String prefix,
            List<String> lines) {
        double[] values = table.values(workload, contender, setting, unit);
        MedianRange range = MedianRange.of(values);
        if (range.isPresent()) {
            lines.add(prefix + ",\"unit\":" + quoted(unit) + "," + rangeJson(range) + ",\"rounds\":["
                    + Arrays.stream(values).mapToObj(JsonReport::number).collect(Collectors.joining(",")) + "]}");
        }
    }

    private static String goalJson(GoalVerdict verdict) {
        Goal goal = verdict.goal();
        return "{\"workload\":" + quoted(goal.workload()) + ",\"goal\":" + quoted(goal.description()) + ",\"ours\":"
                + number(verdict.ours().median()) + ",\"against\":" + quoted(verdict.contender()) + ",\"base\":"
                + number(verdict.base().median()) + "," + rangeJson(verdict.ratio()) + ",\"bound\":"
                + quoted(goal.boundText()) + ",\"verdict\":" + quoted(verdict.text()) + "}";
    }

    private static String rangeJson(MedianRange range) {
        return "\"median\":" + number(range.median()) + ",\"min\":" + number(range.min()) + ",\"max\":"
                + number(range.max());
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "null";
    }
}
