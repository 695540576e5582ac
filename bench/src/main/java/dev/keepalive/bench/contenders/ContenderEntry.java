package dev.keepalive.bench.contenders;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A contender by name, before it is made.
 *
 * @param name as the command line and the tables have it
 * @param kind what it is measured for
 * @param features what it can do; each workload says what it needs
 * @param maxEndpoints with how many endpoints it is measured at most: with more, one cycle would take milliseconds
 * @param factory makes it
 */
public record ContenderEntry(String name, ContenderKind kind, Set<PoolFeature> features, int maxEndpoints, AdapterFactory factory) {
    static ContenderEntry of(String name, ContenderKind kind, AdapterFactory factory, PoolFeature... abilities) {
        return new ContenderEntry(name, kind, Set.of(), Integer.MAX_VALUE, factory).and(abilities);
    }

    ContenderEntry and(PoolFeature... more) {
        Set<PoolFeature> all = EnumSet.noneOf(PoolFeature.class);
        all.addAll(features);
        all.addAll(List.of(more));
        return new ContenderEntry(name, kind, all, all.contains(PoolFeature.KEYED) ? Integer.MAX_VALUE : 1, factory);
    }

    ContenderEntry upTo(int endpoints) {
        return new ContenderEntry(name, kind, features, endpoints, factory);
    }

    /** Makes the contender. */
    public PoolAdapter make(PoolConfig config) {
        return factory.make(config);
    }

    /** True if it can do all of this. */
    public boolean can(PoolFeature... needed) {
        return features.containsAll(Set.of(needed));
    }

    /** Makes a contender for a setting. */
    @FunctionalInterface
    public interface AdapterFactory {
        /** Makes it. */
        PoolAdapter make(PoolConfig config);
    }
}
