package dev.keepalive.bench.compare;

import java.time.Duration;
import java.util.List;

/**
 * A workload, as the command sees it: a main class. It is run in a fresh JVM for each contender and each round as
 * {@code --workload ID --contender NAME [--quick]}, prints one {@link dev.keepalive.bench.Figure} per line on its standard output, and whatever
 * else it has to say on its standard error.
 *
 * @param id its number in the list of workloads, {@code W1} for example
 * @param title what is done
 * @param main the class that does it
 * @param few the contenders with {@code --quick}
 * @param all the contenders otherwise
 * @param ownRounds true if it makes rounds of its own, within one JVM: then the command runs it once
 * @param quickLimit how long one run may take at most with {@code --quick}; then it is killed
 * @param limit how long it may take otherwise
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
    /** All of them, in order. */
    static final List<Workload> ALL = Workloads.all();

    /** Who runs it. */
    List<String> contenders(boolean quick) {
        return quick ? few : all;
    }

    /** How long one run may take. */
    Duration limit(boolean quick) {
        return quick ? quickLimit : limit;
    }
}
