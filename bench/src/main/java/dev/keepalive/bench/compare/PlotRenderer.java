package dev.keepalive.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The plots of a run. */
final class PlotRenderer {
    private static final String TIME = "ns";
    private static final Pattern COUNTED = Pattern.compile("([0-9,]+) (.*)");

    private PlotRenderer() {}

    /** A bar chart for each setting of each workload, and a curve where a cost may grow with something. */
    static List<PlotFile> of(FigureTable table) {
        List<PlotFile> plots = new ArrayList<>();
        for (String workload : table.workloads()) {
            for (String setting : table.settings(workload)) {
                List<String> units = table.units(workload, setting);
                if (!units.isEmpty()) {
                    plots.add(bars(table, workload, setting, units.contains(TIME) ? TIME : units.get(0)));
                }
            }
        }
        growth(table, "W4", "endpoints, 1 thread", "Endpoints").ifPresent(plots::add);
        growth(table, "W5", "waiters", "Waiters").ifPresent(plots::add);
        growth(table, "W5", "waiters with timeout", "Waiters with a deadline").ifPresent(plots::add);
        return plots;
    }

    /** The time over the number with which the names of some settings begin; nothing if there are fewer than two. */
    private static Optional<PlotFile> growth(FigureTable table, String workload, String rest, String axis) {
        SortedMap<Long, String> settings = new TreeMap<>();
        for (String setting : table.settings(workload)) {
            Matcher found = COUNTED.matcher(setting);
            if (found.matches() && found.group(2).equals(rest)) {
                settings.put(Long.parseLong(found.group(1).replace(",", "")), setting);
            }
        }
        List<GrowthChart.ChartCurve> curves = new ArrayList<>();
        for (String contender : table.contenders(workload)) {
            SortedMap<Long, Double> points = new TreeMap<>();
            settings.forEach((count, setting) -> {
                MedianRange range = table.range(workload, contender, setting, TIME);
                if (range.isThere()) {
                    points.put(count, range.median());
                }
            });
            if (points.size() > 1) {
                curves.add(new GrowthChart.ChartCurve(contender, KindLookup.of(contender), points));
            }
        }
        if (curves.isEmpty()) {
            return Optional.empty();
        }
        String name = fileName(workload + " growth " + axis);
        return Optional.of(
                new PlotFile(name, GrowthChart.svg(workload + ": time over " + axis.toLowerCase(Locale.ROOT), axis, curves)));
    }

    private static PlotFile bars(FigureTable table, String workload, String setting, String unit) {
        List<BarChart.ChartBar> bars = new ArrayList<>();
        for (String contender : table.contenders(workload)) {
            MedianRange range = table.range(workload, contender, setting, unit);
            if (range.isThere()) {
                bars.add(new BarChart.ChartBar(contender, KindLookup.of(contender), range));
            }
        }
        return new PlotFile(
                fileName(workload + " " + setting), BarChart.svg(workload + ": " + setting + " (" + unit + ")", bars));
    }

    private static String fileName(String words) {
        return words.toLowerCase(Locale.ROOT).replace(",", "").replaceAll("[^a-z0-9]+", "-");
    }

    /**
     * One plot.
     *
     * @param name the name of its file, without the ending
     * @param svg the file
     */
    record PlotFile(String name, String svg) {}
}
