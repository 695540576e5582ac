package dev.keepalive.bench.memory;

import dev.keepalive.bench.Heap;
import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.contenders.Ability;
import dev.keepalive.bench.contenders.Contender;
import dev.keepalive.bench.contenders.Contenders;
import dev.keepalive.bench.contenders.Entrant;
import dev.keepalive.bench.contenders.Setting;
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
public final class Memory extends Measurement {
    private static final int FEW = 8;

    @Option(
            names = "--endpoints",
            paramLabel = "N",
            description =
                    "Endpoints; default: 1,000 with idle connections, ten times as many for what an endpoint takes.")
    private int endpoints = 1_000;

    private Memory() {
        super("W6");
    }

    /** A program of its own. */
    static Memory program() {
        return new Memory();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new Memory().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        Entrant entrant = Contenders.named(contender());
        boolean keyed = entrant.can(Ability.KEYS);
        // Loads the classes, which are on the heap too.
        filled(entrant, Setting.of(1, FEW));
        setting("idle connection");
        double spare = spare(entrant);
        double connection = connection(entrant, keyed) - spare;
        figure("B", connection);
        if (keyed) {
            setting("endpoint");
            endpoint(
                    entrant,
                    Setting.of((int) Math.min(10L * endpoints, entrant.mostEndpoints()), 1),
                    connection + spare);
        }
    }

    /** What a connection takes by itself. */
    private double spare(Entrant entrant) throws InterruptedException {
        try (Contender pool = entrant.make(Setting.of(1, 1))) {
            List<Object> spare = new ArrayList<>(FEW * endpoints);
            try {
                long before = Heap.used();
                for (int i = 0; i < FEW * endpoints; i++) {
                    spare.add(pool.spare(0));
                }
                return (double) (Heap.used() - before) / spare.size();
            } finally {
                Reference.reachabilityFence(spare);
            }
        }
    }

    /** What an idle connection takes, itself included. Who has no keys has all of them in one place. */
    private double connection(Entrant entrant, boolean keyed) throws Exception {
        int keys = keyed ? Math.min(endpoints, entrant.mostEndpoints()) : 1;
        int few = FEW * endpoints / keys;
        return (double) (filled(entrant, Setting.of(keys, 2 * few)) - filled(entrant, Setting.of(keys, few)))
                / keys
                / few;
    }

    /** What a contender takes that is full of idle connections. */
    private static long filled(Entrant entrant, Setting setting) throws Exception {
        long before = Heap.used();
        try (Contender pool = entrant.make(setting)) {
            fill(pool, setting);
            return Heap.used() - before;
        }
    }

    private void endpoint(Entrant entrant, Setting setting, double connection) throws Exception {
        try (Contender pool = entrant.make(setting)) {
            long before = Heap.used();
            fill(pool, setting);
            figure("B", (double) (Heap.used() - before) / setting.endpoints() - connection);
            if (pool.closeIdle()) {
                setting("endpoint no longer used");
                figure("B", (double) (Heap.used() - before) / setting.endpoints());
            }
        }
    }

    /** Leases all connections, and releases them. */
    private static void fill(Contender pool, Setting setting) throws Exception {
        Exception[] failure = new Exception[1];
        pool.confine(() -> {
            Object[] leases = new Object[setting.perEndpoint()];
            try {
                for (int endpoint = 0; endpoint < setting.endpoints(); endpoint++) {
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
