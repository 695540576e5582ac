package dev.keepalive.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The plots of a run. */
final class Plots {
    private Plots() {}

    /** A bar chart for each setting of each workload, by its first unit. */
    static List<Plot> of(Results results) {
        List<Plot> plots = new ArrayList<>();
        for (String workload : results.workloads()) {
            for (String setting : results.settings(workload)) {
                List<String> units = results.units(workload, setting);
                if (!units.isEmpty()) {
                    plots.add(bars(results, workload, setting, units.get(0)));
                }
            }
        }
        return plots;
    }

    private static Plot bars(Results results, String workload, String setting, String unit) {
        List<Bars.Bar> bars = new ArrayList<>();
        for (String contender : results.contenders(workload)) {
            Spread spread = results.spread(workload, contender, setting, unit);
            if (spread.isThere()) {
                bars.add(new Bars.Bar(contender, Kinds.of(contender), spread));
            }
        }
        String name = (workload + "-" + setting).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return new Plot(name, Bars.svg(workload + ": " + setting + " (" + unit + ")", bars));
    }

    /**
     * One plot.
     *
     * @param name the name of its file, without the ending
     * @param svg the file
     */
    record Plot(String name, String svg) {}
}
