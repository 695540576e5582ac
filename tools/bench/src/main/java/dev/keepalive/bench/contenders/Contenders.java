package dev.keepalive.bench.contenders;

import static dev.keepalive.bench.contenders.Ability.CONFINED;
import static dev.keepalive.bench.contenders.Ability.KEYS;
import static dev.keepalive.bench.contenders.Ability.LIMITS;
import static dev.keepalive.bench.contenders.Ability.QUEUES;
import static dev.keepalive.bench.contenders.Ability.SHARED;
import static dev.keepalive.bench.contenders.Ability.TIMES_OUT;
import static dev.keepalive.bench.contenders.Ability.WAITS;
import static dev.keepalive.bench.contenders.Ability.WITHDRAWS;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;

/** The register of all contenders: ours first, the floors last. */
public final class Contenders {
    private static final List<Entrant> ALL = Stream.of(
                    ours("keepalive", setting -> new Keepalive(setting, Keepalive.Way.TRY)),
                    ours("keepalive-future", setting -> new Keepalive(setting, Keepalive.Way.FUTURE)),
                    ours("keepalive-blocking", setting -> new Keepalive(setting, Keepalive.Way.BLOCKING)),
                    sameJob("httpcore-strict", HttpCore::strict, SHARED, WAITS, TIMES_OUT)
                            .upTo(10_000),
                    sameJob("httpcore-lax", HttpCore::lax, SHARED, WAITS, TIMES_OUT),
                    sameJob("httpcore-segmented", HttpCore::segmented, SHARED, WAITS, TIMES_OUT),
                    sameJob("vertx-on-loop", setting -> new VertxPool(setting, true), CONFINED),
                    sameJob("vertx-off-loop", setting -> new VertxPool(setting, false), SHARED, WAITS),
                    sameJob("netty-on-loop", setting -> new NettyPool(setting, true), CONFINED, TIMES_OUT),
                    sameJob("netty-off-loop", setting -> new NettyPool(setting, false), SHARED, WAITS, TIMES_OUT),
                    sameJob("reactor-pool", ReactorPool::new, SHARED, WAITS, TIMES_OUT),
                    other("commons-pool2", CommonsPool::new, KEYS, SHARED, WAITS, TIMES_OUT, LIMITS)
                            .upTo(1_000),
                    other("jetty", JettyPool::new, KEYS, SHARED, LIMITS),
                    other("hikari-bag", HikariBag::new, SHARED, WAITS, TIMES_OUT),
                    other("stormpot", StormpotPool::new, SHARED, WAITS, TIMES_OUT),
                    floor("lock", LockFloor::new, KEYS, SHARED),
                    floor("map-cas", MapCasFloor::new, KEYS, SHARED),
                    floor("cas", CasFloor::new, SHARED),
                    floor("treiber", TreiberFloor::new, SHARED),
                    floor(
                            "concurrent-deque",
                            setting -> new DequeFloor(setting, new ConcurrentLinkedDeque<>()),
                            SHARED),
                    floor("confined-deque", setting -> new DequeFloor(setting, new ArrayDeque<>())),
                    floor("locked-line", LineFloor::new, SHARED, QUEUES, WITHDRAWS))
            .filter(entrant -> !entrant.name().equals("stormpot") || StormpotPool.isHere())
            .toList();

    private Contenders() {}

    /** All of them that this JVM can run. */
    public static List<Entrant> all() {
        return ALL;
    }

    /**
     * The entrant of this name.
     *
     * @throws IllegalArgumentException if there is none; the message lists all
     */
    public static Entrant named(String name) {
        return ALL.stream()
                .filter(entrant -> entrant.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("contender '" + name + "' is not known: one of "
                        + ALL.stream().map(Entrant::name).toList()));
    }

    private static Entrant ours(String name, Entrant.Maker maker) {
        return Entrant.of(name, Kind.OURS, maker, KEYS, SHARED, WAITS, QUEUES, WITHDRAWS, TIMES_OUT, LIMITS);
    }

    private static Entrant sameJob(String name, Entrant.Maker maker, Ability... more) {
        return Entrant.of(name, Kind.SAME_JOB, maker, more).and(KEYS, QUEUES, WITHDRAWS, LIMITS);
    }

    private static Entrant other(String name, Entrant.Maker maker, Ability... abilities) {
        return Entrant.of(name, Kind.OTHER, maker, abilities);
    }

    private static Entrant floor(String name, Entrant.Maker maker, Ability... abilities) {
        return Entrant.of(name, Kind.FLOOR, maker, abilities);
    }
}
