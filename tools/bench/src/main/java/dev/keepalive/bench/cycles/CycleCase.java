package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.PoolConfig;
import dev.keepalive.bench.contenders.PoolFeature;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A variant of a workload that measures cycles.
 *
 * @param workload the id of the workload
 * @param name the setting of its figures
 * @param threads the number of threads that run cycles
 * @param endpoints the number of endpoints; each cycle picks one at random
 * @param connections the connections of each endpoint, opened before the measurement
 * @param requests the number of acquires at one more endpoint, number 0, with one connection: the first acquire gets
 *     and keeps it, the others wait; 0 for no such endpoint
 */
public record CycleCase(String workload, String name, int threads, int endpoints, int connections, int requests) {
    /** The number of waiters for A while B is used. */
    public static final int CROWD_SIZE = 100_000;

    private static final List<CycleCase> ALL = List.of(
            new CycleCase("W1", "1 endpoint, 1 thread", 1, 1, 8, 0),
            new CycleCase("W2", "1 endpoint, 2 threads", 2, 1, 8, 0),
            new CycleCase("W4", "1000 endpoints, 1 thread", 1, 1_000, 1, 0),
            new CycleCase("W4", "1000 endpoints, 2 threads", 2, 1_000, 2, 0),
            new CycleCase("W4", "100000 endpoints, 1 thread", 1, 100_000, 1, 0),
            new CycleCase("W4", "B, nobody waits for A", 1, 1, 1, 1),
            new CycleCase("W4", "B, 100000 wait for A", 1, 1, 1, 1 + CROWD_SIZE));

    /** The variants of a workload, in the order of its tables. */
    public static List<CycleCase> of(String workload) {
        return ALL.stream().filter(one -> one.workload().equals(workload)).toList();
    }

    /** The features that a contender must have. */
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
            needs.add(PoolFeature.ASYNC);
        }
        return needs;
    }

    /** True if this contender is measured in this variant. */
    public boolean includes(ContenderEntry entry) {
        return entry.features().containsAll(needs()) && endpoints <= entry.maxEndpoints();
    }

    /** True if another endpoint has waiters. */
    boolean crowded() {
        return requests > 0;
    }

    /**
     * True if warm-up takes seconds. Two threads leave the compiler no processor, and the garbage collector has to copy
     * a large heap before its objects stay in place.
     */
    boolean needsLongWarmUp() {
        return threads > 1 || endpoints >= CROWD_SIZE || requests > 1;
    }

    /** The number of the first endpoint that cycles use. */
    int first() {
        return crowded() ? 1 : 0;
    }

    PoolConfig setting() {
        return PoolConfig.of(first() + endpoints, connections);
    }
}
