package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.PoolAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Acquires and releases an idle connection. Each contender has a JVM of its own, so that calls of its adapter compile
 * to direct calls.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CycleBenchmark {
    /** The number of cycles per task on an event loop: enough to make the cost of the task negligible. */
    static final int BATCH = 10_000;

    /** The name of the contender. */
    @Param("keepalive")
    public String contender = "";

    /** The name of the variant. */
    @Param("1 endpoint, 1 thread")
    public String variant = "";

    /** The workload of the variant. */
    @Param("W1")
    public String workload = "";

    private PoolAdapter pool = new UnsetPool();
    private CycleCase theCase = CycleCase.of("W1").get(0);

    /** Opens all connections and queues the waiters. */
    @Setup
    public void fill() {
        theCase = CycleCase.of(workload).stream()
                .filter(one -> one.name().equals(variant))
                .findAny()
                .orElseThrow();
        pool = ContenderRegistry.named(contender).make(theCase.setting());
        CheckedTask.confine(pool, () -> {
            for (int i = 0; i < theCase.endpoints(); i++) {
                open(theCase.first() + i);
            }
            if (theCase.crowded()) {
                crowd();
            }
        });
    }

    private void open(int endpoint) throws Exception {
        List<Object> leases = new ArrayList<>();
        for (int i = 0; i < theCase.connections(); i++) {
            leases.add(pool.acquire(endpoint));
        }
        leases.forEach(lease -> pool.release(endpoint, lease));
    }

    private void crowd() {
        for (int i = 0; i < theCase.requests(); i++) {
            pool.acquireAsync(0, lease -> {});
        }
    }

    /** One cycle, on this thread. */
    @Benchmark
    public void one(EndpointOrder order, Blackhole sink) throws Exception {
        cycle(order, sink);
    }

    /** Many cycles, on the pool's own event loop. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void many(EndpointOrder order, Blackhole sink) {
        CheckedTask.confine(pool, () -> {
            for (int i = 0; i < BATCH; i++) {
                cycle(order, sink);
            }
        });
    }

    private void cycle(EndpointOrder order, Blackhole sink) throws Exception {
        int endpoint = order.next();
        Object lease = pool.acquire(endpoint);
        sink.consume(lease);
        pool.release(endpoint, lease);
    }

    /** Closes the pool. */
    @TearDown
    public void close() {
        pool.close();
    }

    /** Picks the endpoint of each cycle at random, with a generator per thread. */
    @State(Scope.Thread)
    public static class EndpointOrder {
        private int first;
        private int endpoints;
        private long random;

        /** Reads the variant's numbers. */
        @Setup
        public void begin(CycleBenchmark cycle) {
            first = cycle.theCase.first();
            endpoints = cycle.theCase.endpoints();
            random = 0x9E3779B97F4A7C15L * (1 + Thread.currentThread().getId());
        }

        int next() {
            if (endpoints == 1) {
                return first;
            }
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            return first + (int) ((random >>> Integer.SIZE) * endpoints >>> Integer.SIZE);
        }
    }
}
