package dev.keepalive.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Draws the plots of a run. */
final class PlotRenderer {
    private static final String TIME = "ns";
    private static final Pattern COUNTED = Pattern.compile("([0-9,]+) (.*)");

    private PlotRenderer() {}

    /** Draws a bar chart per setting of each workload, and a line chart where a cost may grow with a count. */
    static List<PlotFile> render(FigureTable table) {
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

    /** Draws the time over the number at the start of the settings' names; empty if no contender has two points. */
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
                if (range.isPresent()) {
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
        return Optional.of(new PlotFile(
                name, GrowthChart.draw(workload + ": time over " + axis.toLowerCase(Locale.ROOT), axis, curves)));
    }

    private static PlotFile bars(FigureTable table, String workload, String setting, String unit) {
        List<BarChart.ChartBar> bars = new ArrayList<>();
        for (String contender : table.contenders(workload)) {
            MedianRange range = table.range(workload, contender, setting, unit);
            if (range.isPresent()) {
                bars.add(new BarChart.ChartBar(contender, KindLookup.of(contender), range));
            }
        }
        return new PlotFile(
                fileName(workload + " " + setting), BarChart.draw(workload + ": " + setting + " (" + unit + ")", bars));
    }

    private static String fileName(String words) {
        return words.toLowerCase(Locale.ROOT).replace(",", "").replaceAll("[^a-z0-9]+", "-");
    }

    /**
     * One plot.
     *
     * @param name the file's name without its extension
     * @param svg the file's content
     */
    record PlotFile(String name, String svg) {}
}
