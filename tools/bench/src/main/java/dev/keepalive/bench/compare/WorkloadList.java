package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.PoolFeature;
import dev.keepalive.bench.cycles.CycleMeasurement;
import dev.keepalive.bench.handoff.HandoffMeasurement;
import dev.keepalive.bench.httpclient.HttpClientMeasurement;
import dev.keepalive.bench.loopback.HttpMeasurement;
import dev.keepalive.bench.loopback.LoopbackMeasurement;
import dev.keepalive.bench.memory.MemoryMeasurement;
import dev.keepalive.bench.redis.RedisMeasurement;
import dev.keepalive.bench.storm.StormMeasurement;
import dev.keepalive.bench.waitqueue.WaitQueueMeasurement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The list of workloads, with their contenders and time limits. {@code --quick} keeps the contenders that a goal
 * compares.
 */
final class WorkloadList {
    private static final String OURS = "keepalive";
    private static final String PIPELINED = "keepalive-pipelined";
    private static final String SEGMENTED = "httpcore-segmented";
    private static final String LAX = "httpcore-lax";
    private static final String STRICT = "httpcore-strict";
    private static final String ON_LOOP = "keepalive-on-loop";
    private static final String VERTX = "vertx-on-loop";
    private static final String NETTY = "netty-on-loop";
    private static final String REACTOR = "reactor-pool";
    private static final String JETTY = "jetty";
    private static final String HIKARI = "hikari-bag";
    private static final String LOCK = "lock";
    private static final String CAS = "cas";
    private static final Duration LONG_QUICK_LIMIT = Duration.ofSeconds(180);
    private static final Duration LONG_LIMIT = Duration.ofSeconds(600);

    private WorkloadList() {}

    static List<Workload> all() {
        return List.of(
                oneThread(),
                twoThreads(),
                handoff(),
                manyEndpoints(),
                waiters(),
                memory(),
                loopback(),
                storm(),
                http(),
                redis(),
                httpClients());
    }

    private static Workload oneThread() {
        return cycles(
                "W1",
                "Acquire and release, one endpoint, one thread",
                List.of(OURS, "keepalive-future", SEGMENTED, VERTX, LAX, JETTY, HIKARI, LOCK, CAS),
                able());
    }

    private static Workload twoThreads() {
        return cycles(
                "W2",
                "Acquire and release, one endpoint, two threads",
                List.of(OURS, SEGMENTED, LAX, STRICT, JETTY, HIKARI, LOCK, CAS),
                able(PoolFeature.THREAD_SAFE));
    }

    private static Workload manyEndpoints() {
        return cycles(
                "W4",
                "Acquire and release, many endpoints",
                List.of(OURS, SEGMENTED, VERTX, LOCK, "map-cas", PerlContender.NAME),
                with(able(PoolFeature.KEYED), PerlContender.NAME));
    }

    private static Workload handoff() {
        return once(
                "W3",
                "Handoff to a waiting thread",
                HandoffMeasurement.class,
                List.of("keepalive-blocking", STRICT, REACTOR, HIKARI),
                able(PoolFeature.BLOCKING));
    }

    private static Workload waiters() {
        return once(
                "W5",
                "A queue of waiters",
                WaitQueueMeasurement.class,
                List.of(OURS, VERTX, NETTY, LAX, "locked-line"),
                able(PoolFeature.ASYNC));
    }

    private static Workload memory() {
        return once(
                "W6",
                "Memory",
                MemoryMeasurement.class,
                List.of(OURS, SEGMENTED, STRICT, REACTOR, JETTY, HIKARI),
                with(able(PoolFeature.LIMIT), HIKARI));
    }

    private static Workload loopback() {
        return once(
                        "W7",
                        "End to end on loopback",
                        LoopbackMeasurement.class,
                        List.of(OURS, NETTY, SEGMENTED, STRICT),
                        List.of(OURS, NETTY, STRICT, LAX, SEGMENTED, REACTOR, "commons-pool2", "reactor-netty", "raw"))
                .withLimits(LONG_QUICK_LIMIT, LONG_LIMIT);
    }

    private static Workload http() {
        return once(
                "W9",
                "HTTP/1.1 on an event loop",
                HttpMeasurement.class,
                List.of(OURS, NETTY),
                List.of(OURS, NETTY, STRICT, LAX, SEGMENTED, REACTOR, "raw"));
    }

    private static Workload redis() {
        return once(
                        "W10",
                        "Commands to Redis on four connections, and pipelined on one",
                        RedisMeasurement.class,
                        List.of(OURS, PIPELINED),
                        List.of(OURS, PIPELINED, "jedis", "lettuce"))
                .withLimits(LONG_QUICK_LIMIT, LONG_LIMIT);
    }

    private static Workload httpClients() {
        return once(
                        "W11",
                        "HTTP clients",
                        HttpClientMeasurement.class,
                        List.of(OURS, ON_LOOP, "jdk-http", "okhttp", "reactor-netty-http"),
                        List.of(
                                OURS,
                                ON_LOOP,
                                "jdk-http",
                                "okhttp",
                                "apache-async",
                                "jetty-http",
                                "reactor-netty-http",
                                "raw-codec"))
                .withLimits(LONG_QUICK_LIMIT, LONG_LIMIT);
    }

    private static Workload storm() {
        return once(
                "W8",
                "All connections lost at once",
                StormMeasurement.class,
                List.of(OURS, NETTY, STRICT),
                List.of(OURS, NETTY, STRICT, LAX, SEGMENTED, REACTOR));
    }

    private static Workload cycles(String id, String title, List<String> few, List<String> all) {
        return new Workload(
                id,
                title,
                CycleMeasurement.class.getName(),
                few,
                all,
                false,
                Duration.ofSeconds(60),
                Duration.ofSeconds(150));
    }

    private static Workload once(String id, String title, Class<?> main, List<String> few, List<String> all) {
        return new Workload(id, title, main.getName(), few, all, true, Duration.ofSeconds(60), Duration.ofSeconds(300));
    }

    private static List<String> able(PoolFeature... needed) {
        return ContenderRegistry.all().stream()
                .filter(entry -> entry.has(needed))
                .map(ContenderEntry::name)
                .toList();
    }

    private static List<String> with(List<String> names, String more) {
        return Stream.concat(names.stream(), Stream.of(more)).toList();
    }
}
