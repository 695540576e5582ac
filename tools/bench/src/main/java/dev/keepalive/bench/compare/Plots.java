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
final class Plots {
    private static final String TIME = "ns";
    private static final Pattern COUNTED = Pattern.compile("([0-9,]+) (.*)");

    private Plots() {}

    /** A bar chart for each setting of each workload, and a curve where a cost may grow with something. */
    static List<Plot> of(Results results) {
        List<Plot> plots = new ArrayList<>();
        for (String workload : results.workloads()) {
            for (String setting : results.settings(workload)) {
                List<String> units = results.units(workload, setting);
                if (!units.isEmpty()) {
                    plots.add(bars(results, workload, setting, units.contains(TIME) ? TIME : units.get(0)));
                }
            }
        }
        growth(results, "W4", "endpoints, 1 thread", "Endpoints").ifPresent(plots::add);
        growth(results, "W5", "waiters", "Waiters").ifPresent(plots::add);
        growth(results, "W5", "waiters with timeout", "Waiters with a deadline").ifPresent(plots::add);
        return plots;
    }

    /** The time over the number with which the names of some settings begin; nothing if there are fewer than two. */
    private static Optional<Plot> growth(Results results, String workload, String rest, String axis) {
        SortedMap<Long, String> settings = new TreeMap<>();
        for (String setting : results.settings(workload)) {
            Matcher found = COUNTED.matcher(setting);
            if (found.matches() && found.group(2).equals(rest)) {
                settings.put(Long.parseLong(found.group(1).replace(",", "")), setting);
            }
        }
        List<Curves.Curve> curves = new ArrayList<>();
        for (String contender : results.contenders(workload)) {
            SortedMap<Long, Double> points = new TreeMap<>();
            settings.forEach((count, setting) -> {
                Spread spread = results.spread(workload, contender, setting, TIME);
                if (spread.isThere()) {
                    points.put(count, spread.median());
                }
            });
            if (points.size() > 1) {
                curves.add(new Curves.Curve(contender, Kinds.of(contender), points));
            }
        }
        if (curves.isEmpty()) {
            return Optional.empty();
        }
        String name = fileName(workload + " growth " + axis);
        return Optional.of(
                new Plot(name, Curves.svg(workload + ": time over " + axis.toLowerCase(Locale.ROOT), axis, curves)));
    }

    private static Plot bars(Results results, String workload, String setting, String unit) {
        List<Bars.Bar> bars = new ArrayList<>();
        for (String contender : results.contenders(workload)) {
            Spread spread = results.spread(workload, contender, setting, unit);
            if (spread.isThere()) {
                bars.add(new Bars.Bar(contender, Kinds.of(contender), spread));
            }
        }
        return new Plot(
                fileName(workload + " " + setting), Bars.svg(workload + ": " + setting + " (" + unit + ")", bars));
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
    record Plot(String name, String svg) {}
}
