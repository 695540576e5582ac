package dev.keepalive.bench.contenders;

import static dev.keepalive.bench.contenders.PoolFeature.EVENT_LOOP_ONLY;
import static dev.keepalive.bench.contenders.PoolFeature.KEYED;
import static dev.keepalive.bench.contenders.PoolFeature.ENDPOINT_LIMIT;
import static dev.keepalive.bench.contenders.PoolFeature.ASYNC_ACQUIRE;
import static dev.keepalive.bench.contenders.PoolFeature.THREAD_SAFE;
import static dev.keepalive.bench.contenders.PoolFeature.ACQUIRE_TIMEOUT;
import static dev.keepalive.bench.contenders.PoolFeature.BLOCKING_ACQUIRE;
import static dev.keepalive.bench.contenders.PoolFeature.WITHDRAWAL;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;

/** The register of all contenders: ours first, the floors last. */
public final class ContenderRegistry {
    private static final List<ContenderEntry> ALL = Stream.of(
                    ours("keepalive", config -> new KeepaliveAdapter(config, KeepaliveAdapter.AcquireMethod.TRY, true)),
                    ours("keepalive-future", config -> new KeepaliveAdapter(config, KeepaliveAdapter.AcquireMethod.FUTURE, true)),
                    ours("keepalive-blocking", config -> new KeepaliveAdapter(config, KeepaliveAdapter.AcquireMethod.BLOCKING, true)),
                    ours("keepalive-no-reclaim", config -> new KeepaliveAdapter(config, KeepaliveAdapter.AcquireMethod.TRY, false)),
                    sameJob("httpcore-strict", HttpCoreAdapter::strict, THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT)
                            .upTo(10_000),
                    sameJob("httpcore-lax", HttpCoreAdapter::lax, THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT),
                    sameJob("httpcore-segmented", HttpCoreAdapter::segmented, THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT),
                    sameJob("vertx-on-loop", config -> new VertxPoolAdapter(config, true), EVENT_LOOP_ONLY),
                    sameJob("vertx-off-loop", config -> new VertxPoolAdapter(config, false), THREAD_SAFE, BLOCKING_ACQUIRE),
                    sameJob("netty-on-loop", config -> new NettyPoolAdapter(config, true), EVENT_LOOP_ONLY, ACQUIRE_TIMEOUT),
                    sameJob("netty-off-loop", config -> new NettyPoolAdapter(config, false), THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT),
                    sameJob("reactor-pool", ReactorPoolAdapter::new, THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT),
                    other("commons-pool2", CommonsPoolAdapter::new, KEYED, THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT, ENDPOINT_LIMIT)
                            .upTo(1_000),
                    other("jetty", JettyPoolAdapter::new, KEYED, THREAD_SAFE, ENDPOINT_LIMIT),
                    other("hikari-bag", HikariBagAdapter::new, THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT),
                    other("stormpot", StormpotPoolAdapter::new, THREAD_SAFE, BLOCKING_ACQUIRE, ACQUIRE_TIMEOUT),
                    floor("lock", LockFloor::new, KEYED, THREAD_SAFE),
                    floor("map-cas", MapCasFloor::new, KEYED, THREAD_SAFE),
                    floor("cas", CasFloor::new, THREAD_SAFE),
                    floor("treiber", TreiberFloor::new, THREAD_SAFE),
                    floor(
                            "concurrent-deque",
                            config -> new DequeFloor(config, new ConcurrentLinkedDeque<>()),
                            THREAD_SAFE),
                    floor("confined-deque", config -> new DequeFloor(config, new ArrayDeque<>())),
                    floor("locked-line", WaitQueueFloor::new, THREAD_SAFE, ASYNC_ACQUIRE, WITHDRAWAL))
            .filter(entry -> !entry.name().equals("stormpot") || StormpotPoolAdapter.isAvailable())
            .toList();

    private ContenderRegistry() {}

    /** All of them that this JVM can run. */
    public static List<ContenderEntry> all() {
        return ALL;
    }

    /**
     * The entrant of this name.
     *
     * @throws IllegalArgumentException if there is none; the message lists all
     */
    public static ContenderEntry named(String name) {
        return ALL.stream()
                .filter(entry -> entry.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("contender '" + name + "' is not known: one of "
                        + ALL.stream().map(ContenderEntry::name).toList()));
    }

    private static ContenderEntry ours(String name, ContenderEntry.AdapterFactory factory) {
        return ContenderEntry.of(name, ContenderKind.OURS, factory, KEYED, THREAD_SAFE, BLOCKING_ACQUIRE, ASYNC_ACQUIRE, WITHDRAWAL, ACQUIRE_TIMEOUT, ENDPOINT_LIMIT);
    }

    private static ContenderEntry sameJob(String name, ContenderEntry.AdapterFactory factory, PoolFeature... more) {
        return ContenderEntry.of(name, ContenderKind.SAME_JOB, factory, more).and(KEYED, ASYNC_ACQUIRE, WITHDRAWAL, ENDPOINT_LIMIT);
    }

    private static ContenderEntry other(String name, ContenderEntry.AdapterFactory factory, PoolFeature... abilities) {
        return ContenderEntry.of(name, ContenderKind.OTHER, factory, abilities);
    }

    private static ContenderEntry floor(String name, ContenderEntry.AdapterFactory factory, PoolFeature... abilities) {
        return ContenderEntry.of(name, ContenderKind.FLOOR, factory, abilities);
    }
}
