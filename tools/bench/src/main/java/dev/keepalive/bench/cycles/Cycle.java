package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.Contender;
import dev.keepalive.bench.contenders.Contenders;
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

/** Acquires and releases a connection that is idle. One contender per JVM, so that its calls are compiled as direct ones. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Cycle {
    /** How many cycles are handed to an event loop at a time, so that the hop to it does not count. */
    static final int BATCH = 10_000;

    /** The name of the contender. */
    @Param("keepalive")
    public String contender = "";

    /** The name of the case. */
    @Param("1 endpoint, 1 thread")
    public String variant = "";

    /** The workload that it is a case of. */
    @Param("W1")
    public String workload = "";

    private Contender pool = new Nobody();
    private Case theCase = Case.of("W1").get(0);

    /** Opens all connections, and lets those wait who are to wait. */
    @Setup
    public void fill() {
        theCase = Case.of(workload).stream()
                .filter(one -> one.name().equals(variant))
                .findAny()
                .orElseThrow();
        pool = Contenders.named(contender).make(theCase.setting());
        Throwing.confine(pool, () -> {
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
        for (int i = 0; i < theCase.askers(); i++) {
            pool.queue(0, lease -> {});
        }
    }

    /** One cycle, on this thread. */
    @Benchmark
    public void one(Order order, Blackhole sink) throws Exception {
        cycle(order, sink);
    }

    /** Many cycles, on the pool's own event loop. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void many(Order order, Blackhole sink) {
        Throwing.confine(pool, () -> {
            for (int i = 0; i < BATCH; i++) {
                cycle(order, sink);
            }
        });
    }

    private void cycle(Order order, Blackhole sink) throws Exception {
        int endpoint = order.next();
        Object lease = pool.acquire(endpoint);
        sink.consume(lease);
        pool.release(endpoint, lease);
    }

    /** Ends the pool. */
    @TearDown
    public void close() {
        pool.close();
    }

    /** Which endpoint is next: any of them, by a generator of the thread's own. */
    @State(Scope.Thread)
    public static class Order {
        private int first;
        private int endpoints;
        private long random;

        /** Takes the numbers of the case. */
        @Setup
        public void begin(Cycle cycle) {
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
