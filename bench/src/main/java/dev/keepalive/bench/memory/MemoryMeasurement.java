package dev.keepalive.bench.memory;

import dev.keepalive.bench.HeapUsage;
import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.contenders.PoolFeature;
import dev.keepalive.bench.contenders.PoolAdapter;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.PoolConfig;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W6 of one contender, on the heap after garbage collections: what an idle connection takes (the difference that a second eight to each endpoint make, less
 * what such connections take by themselves), what an endpoint takes (many with one connection each, less those), and what is left of an endpoint when its connections have been closed.
 */
@Command(name = "memory", sortOptions = false, description = "Measures the heap by idle connection and by endpoint.")
public final class MemoryMeasurement extends Measurement {
    private static final int FEW = 8;

    @Option(
            names = "--endpoints",
            paramLabel = "N",
            description =
                    "Endpoints; default: 1,000 with idle connections, ten times as many for what an endpoint takes.")
    private int endpoints = 1_000;

    private MemoryMeasurement() {
        super("W6");
    }

    /** A program of its own. */
    static MemoryMeasurement program() {
        return new MemoryMeasurement();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new MemoryMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        ContenderEntry entry = ContenderRegistry.named(contender());
        boolean keyed = entry.can(PoolFeature.KEYED);
        // Loads the classes, which are on the heap too.
        filled(entry, PoolConfig.of(1, FEW));
        setting("idle connection");
        double spare = spare(entry);
        double connection = connection(entry, keyed) - spare;
        figure("B", connection);
        if (keyed) {
            setting("endpoint");
            endpoint(
                    entry,
                    PoolConfig.of((int) Math.min(10L * endpoints, entry.maxEndpoints()), 1),
                    connection + spare);
        }
    }

    /** What a connection takes by itself. */
    private double spare(ContenderEntry entry) throws InterruptedException {
        try (PoolAdapter pool = entry.make(PoolConfig.of(1, 1))) {
            List<Object> spare = new ArrayList<>(FEW * endpoints);
            try {
                long before = HeapUsage.used();
                for (int i = 0; i < FEW * endpoints; i++) {
                    spare.add(pool.spare(0));
                }
                return (double) (HeapUsage.used() - before) / spare.size();
            } finally {
                Reference.reachabilityFence(spare);
            }
        }
    }

    /** What an idle connection takes, itself included. Who has no keys has all of them in one place. */
    private double connection(ContenderEntry entry, boolean keyed) throws Exception {
        int keys = keyed ? Math.min(endpoints, entry.maxEndpoints()) : 1;
        int few = FEW * endpoints / keys;
        return (double) (filled(entry, PoolConfig.of(keys, 2 * few)) - filled(entry, PoolConfig.of(keys, few)))
                / keys
                / few;
    }

    /** What a contender takes that is full of idle connections. */
    private static long filled(ContenderEntry entry, PoolConfig config) throws Exception {
        long before = HeapUsage.used();
        try (PoolAdapter pool = entry.make(config)) {
            fill(pool, config);
            return HeapUsage.used() - before;
        }
    }

    private void endpoint(ContenderEntry entry, PoolConfig config, double connection) throws Exception {
        try (PoolAdapter pool = entry.make(config)) {
            long before = HeapUsage.used();
            fill(pool, config);
            figure("B", (double) (HeapUsage.used() - before) / config.endpoints() - connection);
            if (pool.closeIdle()) {
                setting("endpoint no longer used");
                figure("B", (double) (HeapUsage.used() - before) / config.endpoints());
            }
        }
    }

    /** Leases all connections, and releases them. */
    private static void fill(PoolAdapter pool, PoolConfig config) throws Exception {
        Exception[] failure = new Exception[1];
        pool.confine(() -> {
            Object[] leases = new Object[config.perEndpoint()];
            try {
                for (int endpoint = 0; endpoint < config.endpoints(); endpoint++) {
                    for (int i = 0; i < leases.length; i++) {
                        leases[i] = pool.acquire(endpoint);
                    }
                    for (Object lease : leases) {
                        pool.release(endpoint, lease);
                    }
                }
            } catch (Exception e) {
                failure[0] = e;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }
}
