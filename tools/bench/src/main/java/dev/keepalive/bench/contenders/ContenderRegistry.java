package dev.keepalive.bench.contenders;

import static dev.keepalive.bench.contenders.HttpCoreVariant.LAX;
import static dev.keepalive.bench.contenders.HttpCoreVariant.SEGMENTED;
import static dev.keepalive.bench.contenders.HttpCoreVariant.STRICT;
import static dev.keepalive.bench.contenders.PoolFeature.ASYNC;
import static dev.keepalive.bench.contenders.PoolFeature.BLOCKING;
import static dev.keepalive.bench.contenders.PoolFeature.DEADLINE;
import static dev.keepalive.bench.contenders.PoolFeature.EVENT_LOOP;
import static dev.keepalive.bench.contenders.PoolFeature.KEYED;
import static dev.keepalive.bench.contenders.PoolFeature.LIMIT;
import static dev.keepalive.bench.contenders.PoolFeature.THREAD_SAFE;
import static dev.keepalive.bench.contenders.PoolFeature.WITHDRAWAL;

import dev.keepalive.bench.contenders.KeepaliveAdapter.AcquireMethod;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;

/** The register of all contenders: the manager first, the floors last. */
public final class ContenderRegistry {
    private static final List<ContenderEntry> ALL = Stream.of(
                    ours("keepalive", config -> new KeepaliveAdapter(config, AcquireMethod.TRY)),
                    ours("keepalive-future", config -> new KeepaliveAdapter(config, AcquireMethod.FUTURE)),
                    ours("keepalive-blocking", config -> new KeepaliveAdapter(config, AcquireMethod.BLOCKING)),
                    sameJob("httpcore-strict", httpCore(STRICT), THREAD_SAFE, BLOCKING, DEADLINE)
                            .withMaxEndpoints(10_000),
                    sameJob("httpcore-lax", httpCore(LAX), THREAD_SAFE, BLOCKING, DEADLINE),
                    sameJob("httpcore-segmented", httpCore(SEGMENTED), THREAD_SAFE, BLOCKING, DEADLINE),
                    sameJob("vertx-on-loop", config -> new VertxPoolAdapter(config, true), EVENT_LOOP),
                    sameJob("vertx-off-loop", config -> new VertxPoolAdapter(config, false), THREAD_SAFE, BLOCKING),
                    sameJob("netty-on-loop", config -> new NettyPoolAdapter(config, true), EVENT_LOOP, DEADLINE),
                    sameJob(
                            "netty-off-loop",
                            config -> new NettyPoolAdapter(config, false),
                            THREAD_SAFE,
                            BLOCKING,
                            DEADLINE),
                    sameJob("reactor-pool", ReactorPoolAdapter::new, THREAD_SAFE, BLOCKING, DEADLINE),
                    other("commons-pool2", CommonsPoolAdapter::new, KEYED, THREAD_SAFE, BLOCKING, DEADLINE, LIMIT)
                            .withMaxEndpoints(1_000),
                    other("jetty", JettyPoolAdapter::new, KEYED, THREAD_SAFE, LIMIT),
                    other("hikari-bag", HikariBagAdapter::new, THREAD_SAFE, BLOCKING, DEADLINE),
                    other("stormpot", StormpotPoolAdapter::new, THREAD_SAFE, BLOCKING, DEADLINE),
                    floor("lock", LockFloor::new, KEYED, THREAD_SAFE),
                    floor("map-cas", MapCasFloor::new, KEYED, THREAD_SAFE),
                    floor("cas", CasFloor::new, THREAD_SAFE),
                    floor("treiber", TreiberFloor::new, THREAD_SAFE),
                    floor(
                            "concurrent-deque",
                            config -> new DequeFloor(config, new ConcurrentLinkedDeque<>()),
                            THREAD_SAFE),
                    floor("confined-deque", config -> new DequeFloor(config, new ArrayDeque<>())),
                    floor("locked-line", WaitQueueFloor::new, THREAD_SAFE, ASYNC, WITHDRAWAL))
            .filter(entry -> !entry.name().equals("stormpot") || StormpotPoolAdapter.isAvailable())
            .toList();

    private ContenderRegistry() {}

    /** All contenders that this JVM can run. */
    public static List<ContenderEntry> all() {
        return ALL;
    }

    /**
     * The contender of this name.
     *
     * @throws IllegalArgumentException if there is none; the message lists all names
     */
    public static ContenderEntry named(String name) {
        return ALL.stream()
                .filter(entry -> entry.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("contender '" + name + "' is not known: one of "
                        + ALL.stream().map(ContenderEntry::name).toList()));
    }

    private static ContenderEntry.AdapterFactory httpCore(HttpCoreVariant variant) {
        return config -> new HttpCoreAdapter(config, variant);
    }

    private static ContenderEntry ours(String name, ContenderEntry.AdapterFactory factory) {
        return ContenderEntry.of(
                name, ContenderKind.OURS, factory, KEYED, THREAD_SAFE, BLOCKING, ASYNC, WITHDRAWAL, DEADLINE, LIMIT);
    }

    private static ContenderEntry sameJob(String name, ContenderEntry.AdapterFactory factory, PoolFeature... more) {
        return ContenderEntry.of(name, ContenderKind.SAME_JOB, factory, more)
                .withFeatures(KEYED, ASYNC, WITHDRAWAL, LIMIT);
    }

    private static ContenderEntry other(String name, ContenderEntry.AdapterFactory factory, PoolFeature... abilities) {
        return ContenderEntry.of(name, ContenderKind.OTHER, factory, abilities);
    }

    private static ContenderEntry floor(String name, ContenderEntry.AdapterFactory factory, PoolFeature... abilities) {
        return ContenderEntry.of(name, ContenderKind.FLOOR, factory, abilities);
    }
}
