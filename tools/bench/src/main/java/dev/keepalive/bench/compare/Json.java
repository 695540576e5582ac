package dev.keepalive.bench.compare;

import static dev.keepalive.bench.Figure.quoted;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** All figures and goals of a run, as JSON. */
final class Json {
    private Json() {}

    static String of(Machine machine, Results results, List<Verdict> verdicts) {
        return "{\n\"machine\":{\"jdk\":" + quoted(machine.version()) + ",\"cores\":" + machine.cores() + ",\"system\":"
                + quoted(machine.system()) + "},\n\"figures\":[\n" + String.join(",\n", figures(results))
                + "\n],\n\"goals\":[\n"
                + verdicts.stream().map(Json::goal).collect(Collectors.joining(",\n")) + "\n]\n}\n";
    }

    private static List<String> figures(Results results) {
        List<String> lines = new ArrayList<>();
        for (String workload : results.workloads()) {
            for (String setting : results.settings(workload)) {
                for (String contender : results.contenders(workload)) {
                    String who = "{\"workload\":" + quoted(workload) + ",\"setting\":" + quoted(setting)
                            + ",\"contender\":" + quoted(contender) + ",\"kind\":"
                            + quoted(Kinds.inWords(Kinds.of(contender)));
                    results.units(workload, setting)
                            .forEach(unit -> figure(results, workload, contender, setting, unit, who, lines));
                    results.failure(workload, contender, setting)
                            .ifPresent(why -> lines.add(who + ",\"failure\":" + quoted(why) + "}"));
                }
            }
        }
        return lines;
    }

    private static void figure(
            Results results,
            String workload,
            String contender,
            String setting,
            String unit,
            String who,
            List<String> lines) {
        double[] values = results.values(workload, contender, setting, unit);
        Spread spread = Spread.of(values);
        if (spread.isThere()) {
            lines.add(who + ",\"unit\":" + quoted(unit) + "," + spread(spread) + ",\"rounds\":["
                    + Arrays.stream(values).mapToObj(Json::number).collect(Collectors.joining(",")) + "]}");
        }
    }

    private static String goal(Verdict verdict) {
        Goal goal = verdict.goal();
        return "{\"workload\":" + quoted(goal.workload()) + ",\"goal\":" + quoted(goal.what()) + ",\"ours\":"
                + number(verdict.ours().median()) + ",\"against\":" + quoted(verdict.whom()) + ",\"base\":"
                + number(verdict.base().median()) + "," + spread(verdict.ratio()) + ",\"bound\":"
                + quoted(goal.boundText()) + ",\"verdict\":" + quoted(verdict.inWords()) + "}";
    }

    private static String spread(Spread spread) {
        return "\"median\":" + number(spread.median()) + ",\"min\":" + number(spread.min()) + ",\"max\":"
                + number(spread.max());
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "null";
    }
}
