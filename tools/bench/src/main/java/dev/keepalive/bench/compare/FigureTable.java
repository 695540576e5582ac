package dev.keepalive.bench.compare;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.contenders.ContenderKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** All figures of a run, with the round in which each was measured. */
final class FigureTable {
    /** The setting of a failure that ended a whole measurement of a contender. */
    static final String ALL_SETTINGS = "*";

    private final int rounds;
    private final List<RoundFigure> entries = new ArrayList<>();

    FigureTable(int rounds) {
        this.rounds = rounds;
    }

    int rounds() {
        return rounds;
    }

    void add(int round, Figure figure) {
        entries.add(new RoundFigure(round, figure));
    }

    /** The workloads with figures, in the order of their first figure. */
    List<String> workloads() {
        return entries.stream().map(entry -> entry.figure.workload()).distinct().toList();
    }

    /** The settings of a workload, in the order of their first figure. */
    List<String> settings(String workload) {
        return figures(workload)
                .map(Figure::setting)
                .filter(setting -> !setting.equals(ALL_SETTINGS))
                .distinct()
                .toList();
    }

    /** The units of a workload's setting, in the order of their first figure. */
    List<String> units(String workload, String setting) {
        return figures(workload)
                .filter(figure -> figure.setting().equals(setting) && !figure.failed())
                .map(Figure::unit)
                .distinct()
                .toList();
    }

    /** The contenders measured in a workload, in the order of their first figure. */
    List<String> contenders(String workload) {
        return figures(workload).map(Figure::contender).distinct().toList();
    }

    private Stream<Figure> figures(String workload) {
        return entries.stream().map(RoundFigure::figure).filter(figure -> figure.workload()
                .equals(workload));
    }

    /** The values of one figure, one per round; NaN for a round without it. */
    double[] values(String workload, String contender, String setting, String unit) {
        double[] values = new double[rounds];
        Arrays.fill(values, Double.NaN);
        for (RoundFigure entry : entries) {
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

    /** The median and range of one figure over the rounds. */
    MedianRange range(String workload, String contender, String setting, String unit) {
        return MedianRange.of(values(workload, contender, setting, unit));
    }

    /** The first failure of a contender in a setting, or in the whole workload; empty if there is none. */
    Optional<String> failure(String workload, String contender, String setting) {
        return figures(workload)
                .filter(figure -> figure.failed() && figure.contender().equals(contender))
                .filter(figure -> List.of(setting, ALL_SETTINGS).contains(figure.setting()))
                .map(Figure::unit)
                .findFirst();
    }

    /** The contender of a kind with the smallest median of a figure, or with the greatest. */
    Optional<String> bestContender(ContenderKind kind, String workload, String setting, String unit, boolean greatest) {
        ToDoubleFunction<String> median =
                contender -> range(workload, contender, setting, unit).median();
        Comparator<String> order = Comparator.comparingDouble(median);
        return contenders(workload).stream()
                .filter(contender -> KindLookup.of(contender) == kind && !Double.isNaN(median.applyAsDouble(contender)))
                .min(greatest ? order.reversed() : order);
    }

    private record RoundFigure(int round, Figure figure) {}
}
