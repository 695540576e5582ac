package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.PoolFeature;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.PoolConfig;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A variant of a workload of cycles.
 *
 * @param workload to which it belongs
 * @param name its name as the setting of a figure
 * @param threads how many threads run cycles
 * @param endpoints how many endpoints there are; each cycle is one on any of them, at random
 * @param connections how many connections each of them has, all open before
 * @param requests how many have asked for the only connection of one more endpoint, number 0: the first has got it, and keeps it; the rest wait
 */
public record CycleCase(String workload, String name, int threads, int endpoints, int connections, int requests) {
    /** How many wait for A while B is used. */
    public static final int CROWD_SIZE = 100_000;

    private static final List<CycleCase> ALL = List.of(
            new CycleCase("W1", "1 endpoint, 1 thread", 1, 1, 8, 0),
            new CycleCase("W2", "1 endpoint, 2 threads", 2, 1, 8, 0),
            new CycleCase("W4", "1000 endpoints, 1 thread", 1, 1_000, 1, 0),
            new CycleCase("W4", "1000 endpoints, 2 threads", 2, 1_000, 2, 0),
            new CycleCase("W4", "100000 endpoints, 1 thread", 1, 100_000, 1, 0),
            new CycleCase("W4", "B, nobody waits for A", 1, 1, 1, 1),
            new CycleCase("W4", "B, 100000 wait for A", 1, 1, 1, 1 + CROWD_SIZE));

    /** The variants of a workload, in the order of its table's columns. */
    public static List<CycleCase> of(String workload) {
        return ALL.stream().filter(one -> one.workload().equals(workload)).toList();
    }

    /** What a contender must be able to do for it. */
    public Set<PoolFeature> needs() {
        Set<PoolFeature> needs = EnumSet.noneOf(PoolFeature.class);
        if (threads > 1) {
            needs.add(PoolFeature.THREAD_SAFE);
        }
        if (endpoints > 1) {
            needs.add(PoolFeature.KEYED);
        }
        if (requests > 0) {
            needs.add(PoolFeature.KEYED);
            needs.add(PoolFeature.ASYNC_ACQUIRE);
        }
        return needs;
    }

    /** True if this contender is measured in it. */
    public boolean includes(ContenderEntry entry) {
        return entry.features().containsAll(needs()) && endpoints <= entry.maxEndpoints();
    }

    /** True if there is an endpoint besides, for which somebody waits. */
    boolean crowded() {
        return requests > 0;
    }

    /**
     * True if it takes seconds until all is compiled and where it stays: two threads leave the compiler no processor, and what is on the heap for long has to be
     * copied by the collector before it stands still.
     */
    boolean isSlowToWarmUp() {
        return threads > 1 || endpoints >= CROWD_SIZE || requests > 1;
    }

    /** The number of the first endpoint that is used. */
    int first() {
        return crowded() ? 1 : 0;
    }

    PoolConfig setting() {
        return PoolConfig.of(first() + endpoints, connections);
    }
}
