package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.Ability;
import dev.keepalive.bench.contenders.Entrant;
import dev.keepalive.bench.contenders.Setting;
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
 * @param askers how many have asked for the only connection of one more endpoint, number 0: the first has got it, and keeps it; the rest wait
 */
public record Case(String workload, String name, int threads, int endpoints, int connections, int askers) {
    /** How many wait for A while B is used. */
    public static final int CROWD = 100_000;

    private static final List<Case> ALL = List.of(
            new Case("W1", "1 endpoint, 1 thread", 1, 1, 8, 0),
            new Case("W2", "1 endpoint, 2 threads", 2, 1, 8, 0),
            new Case("W4", "1000 endpoints, 1 thread", 1, 1_000, 1, 0),
            new Case("W4", "1000 endpoints, 2 threads", 2, 1_000, 2, 0),
            new Case("W4", "100000 endpoints, 1 thread", 1, 100_000, 1, 0),
            new Case("W4", "B, nobody waits for A", 1, 1, 1, 1),
            new Case("W4", "B, 100000 wait for A", 1, 1, 1, 1 + CROWD));

    /** The variants of a workload, in the order of its table's columns. */
    public static List<Case> of(String workload) {
        return ALL.stream().filter(one -> one.workload().equals(workload)).toList();
    }

    /** What a contender must be able to do for it. */
    public Set<Ability> needs() {
        Set<Ability> needs = EnumSet.noneOf(Ability.class);
        if (threads > 1) {
            needs.add(Ability.SHARED);
        }
        if (endpoints > 1) {
            needs.add(Ability.KEYS);
        }
        if (askers > 0) {
            needs.add(Ability.KEYS);
            needs.add(Ability.QUEUES);
        }
        return needs;
    }

    /** True if this contender is measured in it. */
    public boolean takes(Entrant entrant) {
        return entrant.abilities().containsAll(needs()) && endpoints <= entrant.mostEndpoints();
    }

    /** True if there is an endpoint besides, for which somebody waits. */
    boolean crowded() {
        return askers > 0;
    }

    /**
     * True if it takes seconds until all is compiled and where it stays: two threads leave the compiler no processor, and what is on the heap for long has to be
     * copied by the collector before it stands still.
     */
    boolean isSlowToWarmUp() {
        return threads > 1 || endpoints >= CROWD || askers > 1;
    }

    /** The number of the first endpoint that is used. */
    int first() {
        return crowded() ? 1 : 0;
    }

    Setting setting() {
        return Setting.of(first() + endpoints, connections);
    }
}
