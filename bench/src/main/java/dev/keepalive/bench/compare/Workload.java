package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Ability;
import dev.keepalive.bench.contenders.Entrant;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A workload, as the command sees it: a main class. It is run in a fresh JVM for each contender and each round as
 * {@code --workload ID --contender NAME [--quick]}, prints one {@link dev.keepalive.bench.Figure} per line on its standard output, and whatever
 * else it has to say on its standard error.
 *
 * @param id its number in the list of workloads, {@code W1} for example
 * @param title what is done
 * @param main the class that does it
 * @param needs what a contender must be able to do
 * @param quickLimit how long one run may take at most with {@code --quick}; then it is killed
 * @param limit how long it may take otherwise
 */
public record Workload(String id, String title, String main, Set<Ability> needs, Duration quickLimit, Duration limit) {
    /** All of them, in order. */
    static final List<Workload> ALL = List.of();

    /** True if this contender can do it. */
    boolean takes(Entrant entrant) {
        return entrant.abilities().containsAll(needs);
    }
}
