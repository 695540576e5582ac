package dev.keepalive.bench.contenders;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A contender in the register: its name, what it can do, and how to make it.
 *
 * @param name the name on the command line and in the tables
 * @param kind the reason why it is measured
 * @param features the features it has; each workload says which it needs
 * @param maxEndpoints the most endpoints to measure it with: with more, one cycle would take milliseconds
 * @param factory makes the adapter of the pool
 */
public record ContenderEntry(
        String name, ContenderKind kind, Set<PoolFeature> features, int maxEndpoints, AdapterFactory factory) {
    static ContenderEntry of(String name, ContenderKind kind, AdapterFactory factory, PoolFeature... features) {
        return new ContenderEntry(name, kind, Set.of(), Integer.MAX_VALUE, factory).withFeatures(features);
    }

    ContenderEntry withFeatures(PoolFeature... more) {
        Set<PoolFeature> all = EnumSet.noneOf(PoolFeature.class);
        all.addAll(features);
        all.addAll(List.of(more));
        return new ContenderEntry(name, kind, all, all.contains(PoolFeature.KEYED) ? Integer.MAX_VALUE : 1, factory);
    }

    ContenderEntry withMaxEndpoints(int endpoints) {
        return new ContenderEntry(name, kind, features, endpoints, factory);
    }

    /** Makes a pool with this configuration. */
    public PoolAdapter make(PoolConfig config) {
        return factory.make(config);
    }

    /** True if the contender has all these features. */
    public boolean has(PoolFeature... needed) {
        return features.containsAll(Set.of(needed));
    }

    /** Makes the adapter of a pool. */
    @FunctionalInterface
    public interface AdapterFactory {
        /** Makes a pool with this configuration. */
        PoolAdapter make(PoolConfig config);
    }
}
