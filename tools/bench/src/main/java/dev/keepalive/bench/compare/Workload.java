package dev.keepalive.bench.compare;

import java.time.Duration;
import java.util.List;

/**
 * A workload: a main class that runs in a new JVM for each contender and each round. Its arguments are
 * {@code --workload ID --contender NAME [--quick]}. It prints one {@link dev.keepalive.bench.Figure} per line on
 * standard output, and anything else on standard error.
 *
 * @param id the short name, {@code W1} for example
 * @param title what it measures
 * @param main the name of the main class
 * @param few the contenders to measure with {@code --quick}
 * @param all the contenders to measure otherwise
 * @param ownRounds true if it repeats its measurement within one JVM; then the command runs it once
 * @param quickLimit the longest time for one run with {@code --quick}; then the process is killed
 * @param limit the longest time for one run otherwise
 */
public record Workload(
        String id,
        String title,
        String main,
        List<String> few,
        List<String> all,
        boolean ownRounds,
        Duration quickLimit,
        Duration limit) {
    /** All workloads, in order. */
    static final List<Workload> ALL = WorkloadList.all();

    /** The same with other limits, of a run with {@code --quick} and of another. */
    Workload withLimits(Duration quick, Duration otherwise) {
        return new Workload(id, title, main, few, all, ownRounds, quick, otherwise);
    }

    /** The contenders to measure. */
    List<String> contenders(boolean quick) {
        return quick ? few : all;
    }

    /** The longest time for one run. */
    Duration limit(boolean quick) {
        return quick ? quickLimit : limit;
    }
}
