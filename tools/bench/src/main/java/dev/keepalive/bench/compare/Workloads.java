package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Ability;
import dev.keepalive.bench.contenders.Contenders;
import dev.keepalive.bench.contenders.Entrant;
import dev.keepalive.bench.cycles.Cycles;
import dev.keepalive.bench.handover.HandOver;
import dev.keepalive.bench.line.Waiters;
import dev.keepalive.bench.loopback.Loopback;
import dev.keepalive.bench.memory.Memory;
import dev.keepalive.bench.storm.Storm;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The list of workloads: who runs which, and for how long at most. With {@code --quick}, only those run who are near a goal. */
final class Workloads {
    private static final String OURS = "keepalive";
    private static final String SEGMENTED = "httpcore-segmented";
    private static final String LAX = "httpcore-lax";
    private static final String STRICT = "httpcore-strict";
    private static final String VERTX = "vertx-on-loop";
    private static final String NETTY = "netty-on-loop";
    private static final String REACTOR = "reactor-pool";
    private static final String JETTY = "jetty";
    private static final String HIKARI = "hikari-bag";
    private static final String LOCK = "lock";
    private static final String CAS = "cas";

    private Workloads() {}

    static List<Workload> all() {
        return List.of(
                oneThread(), twoThreads(), handOver(), manyEndpoints(), waiters(), memory(), loopback(), storm());
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
                able(Ability.SHARED));
    }

    private static Workload manyEndpoints() {
        return cycles(
                "W4",
                "Acquire and release, many endpoints",
                List.of(OURS, SEGMENTED, VERTX, LOCK, "map-cas", Ancestor.NAME),
                with(able(Ability.KEYS), Ancestor.NAME));
    }

    private static Workload handOver() {
        return once(
                "W3",
                "Hand-over to a waiting thread",
                HandOver.class,
                List.of("keepalive-blocking", STRICT, REACTOR, HIKARI),
                able(Ability.WAITS));
    }

    private static Workload waiters() {
        return once(
                "W5",
                "A line of waiters",
                Waiters.class,
                List.of(OURS, VERTX, NETTY, LAX, "locked-line"),
                able(Ability.QUEUES));
    }

    private static Workload memory() {
        return once(
                "W6",
                "Memory",
                Memory.class,
                List.of(OURS, SEGMENTED, STRICT, REACTOR, JETTY, HIKARI),
                with(able(Ability.LIMITS), HIKARI));
    }

    private static Workload loopback() {
        return once(
                "W7",
                "End to end on loopback",
                Loopback.class,
                List.of(OURS, NETTY, SEGMENTED, STRICT),
                List.of(OURS, NETTY, STRICT, LAX, SEGMENTED, REACTOR, "commons-pool2", "reactor-netty", "raw"));
    }

    private static Workload storm() {
        return once(
                "W8",
                "All connections lost at once",
                Storm.class,
                List.of(OURS, NETTY, STRICT),
                List.of(OURS, NETTY, STRICT, LAX, SEGMENTED, REACTOR));
    }

    private static Workload cycles(String id, String title, List<String> few, List<String> all) {
        return new Workload(
                id, title, Cycles.class.getName(), few, all, false, Duration.ofSeconds(60), Duration.ofSeconds(150));
    }

    private static Workload once(String id, String title, Class<?> main, List<String> few, List<String> all) {
        return new Workload(id, title, main.getName(), few, all, true, Duration.ofSeconds(60), Duration.ofSeconds(300));
    }

    private static List<String> able(Ability... needed) {
        return Contenders.all().stream()
                .filter(entrant -> entrant.can(needed))
                .map(Entrant::name)
                .toList();
    }

    private static List<String> with(List<String> names, String more) {
        return Stream.concat(names.stream(), Stream.of(more)).toList();
    }
}
