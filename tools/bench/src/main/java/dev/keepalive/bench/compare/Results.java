package dev.keepalive.bench.compare;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.contenders.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** All figures of a run, by round. */
final class Results {
    /** The setting of a failure that ended a contender's whole run of a workload. */
    static final String ALL_SETTINGS = "*";

    private final int rounds;
    private final List<Entry> entries = new ArrayList<>();

    Results(int rounds) {
        this.rounds = rounds;
    }

    int rounds() {
        return rounds;
    }

    void add(int round, Figure figure) {
        entries.add(new Entry(round, figure));
    }

    /** The workloads that have any figure, in the order of their first. */
    List<String> workloads() {
        return entries.stream().map(entry -> entry.figure.workload()).distinct().toList();
    }

    /** The settings of a workload, in the order of their first figure. */
    List<String> settings(String workload) {
        return entries.stream()
                .map(Entry::figure)
                .filter(figure ->
                        figure.workload().equals(workload) && !figure.setting().equals(ALL_SETTINGS))
                .map(Figure::setting)
                .distinct()
                .toList();
    }

    /** The units of a workload's setting, in the order of their first figure. */
    List<String> units(String workload, String setting) {
        return entries.stream()
                .map(Entry::figure)
                .filter(figure ->
                        figure.workload().equals(workload) && figure.setting().equals(setting) && !figure.failed())
                .map(Figure::unit)
                .distinct()
                .toList();
    }

    /** Those who ran a workload, in the order of their first figure. */
    List<String> contenders(String workload) {
        return entries.stream()
                .map(Entry::figure)
                .filter(figure -> figure.workload().equals(workload))
                .map(Figure::contender)
                .distinct()
                .toList();
    }

    /** The values of one figure, one per round; not a number where there is none. */
    double[] values(String workload, String contender, String setting, String unit) {
        double[] values = new double[rounds];
        Arrays.fill(values, Double.NaN);
        for (Entry entry : entries) {
            Figure figure = entry.figure;
            if (figure.workload().equals(workload)
                    && figure.contender().equals(contender)
                    && figure.setting().equals(setting)
                    && figure.unit().equals(unit)) {
                values[entry.round] = figure.value();
            }
        }
        return values;
    }

    /** The same as a spread. */
    Spread spread(String workload, String contender, String setting, String unit) {
        return Spread.of(values(workload, contender, setting, unit));
    }

    /** What went wrong with a contender in a setting, or in all of the workload; empty if nothing did. */
    Optional<String> failure(String workload, String contender, String setting) {
        return entries.stream()
                .map(Entry::figure)
                .filter(figure -> figure.failed()
                        && figure.workload().equals(workload)
                        && figure.contender().equals(contender)
                        && (figure.setting().equals(setting) || figure.setting().equals(ALL_SETTINGS)))
                .map(Figure::unit)
                .findFirst();
    }

    /** The contender of a kind with the least median of a figure, or with the greatest. */
    Optional<String> best(Kind kind, String workload, String setting, String unit, boolean greatest) {
        ToDoubleFunction<String> median =
                contender -> spread(workload, contender, setting, unit).median();
        Comparator<String> order = Comparator.comparingDouble(median);
        return contenders(workload).stream()
                .filter(contender -> Kinds.of(contender) == kind && !Double.isNaN(median.applyAsDouble(contender)))
                .min(greatest ? order.reversed() : order);
    }

    private record Entry(int round, Figure figure) {}
}
