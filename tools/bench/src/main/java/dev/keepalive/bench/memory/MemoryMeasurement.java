package dev.keepalive.bench.memory;

import dev.keepalive.bench.HeapUsage;
import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.PoolAdapter;
import dev.keepalive.bench.contenders.PoolConfig;
import dev.keepalive.bench.contenders.PoolFeature;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W6 of one contender: bytes on the heap after garbage collection.
 *
 * <ul>
 *   <li>An idle connection: what eight more connections per endpoint add, minus the size of the bare connections.
 *   <li>An endpoint: what many endpoints with one connection each take, minus the connections.
 *   <li>An endpoint no longer used: what is left after its connections are closed.
 * </ul>
 */
@Command(name = "memory", sortOptions = false, description = "Measures the heap per idle connection and per endpoint.")
public final class MemoryMeasurement extends Measurement {
    private static final int FEW = 8;

    @Option(
            names = "--endpoints",
            paramLabel = "N",
            description = "Endpoints for idle connections; ten times as many for endpoints. Default: 1,000.")
    private int endpoints = 1_000;

    MemoryMeasurement() {
        super("W6");
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new MemoryMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        ContenderEntry entry = ContenderRegistry.named(contender());
        boolean keyed = entry.has(PoolFeature.KEYED);
        // Loads the classes first: they take heap too.
        filled(entry, PoolConfig.of(1, FEW));
        startSetting("idle connection");
        double spare = spare(entry);
        double connection = connection(entry, keyed) - spare;
        reportFigure("B", connection);
        if (keyed) {
            startSetting("endpoint");
            endpoint(
                    entry, PoolConfig.of((int) Math.min(10L * endpoints, entry.maxEndpoints()), 1), connection + spare);
        }
    }

    /** The bytes of a bare connection outside the pool. */
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

    /**
     * The bytes of an idle connection in the pool, the bare connection included. Without keys, all are at one endpoint.
     */
    private double connection(ContenderEntry entry, boolean keyed) throws Exception {
        int keys = keyed ? Math.min(endpoints, entry.maxEndpoints()) : 1;
        int few = FEW * endpoints / keys;
        return (double) (filled(entry, PoolConfig.of(keys, 2 * few)) - filled(entry, PoolConfig.of(keys, few)))
                / keys
                / few;
    }

    /** The bytes of a pool full of idle connections. */
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
            reportFigure("B", (double) (HeapUsage.used() - before) / config.endpoints() - connection);
            if (pool.closeIdle()) {
                startSetting("endpoint no longer used");
                reportFigure("B", (double) (HeapUsage.used() - before) / config.endpoints());
            }
        }
    }

    /** Leases and releases all connections. */
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
