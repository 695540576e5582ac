package dev.keepalive.bench.loopback;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.hc.core5.pool.LaxConnPool;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.pool.RouteSegmentedConnPool;
import org.apache.hc.core5.pool.StrictConnPool;
import org.apache.hc.core5.util.TimeValue;

/** The register of those that lend channels, by name; each is made with channels to open and a limit to keep. */
public final class Lenders {
    /** The one that the others are compared with. */
    static final String RAW = "raw";
    /** The one that opens a connection for each request. */
    static final String WITHOUT_REUSE = "reactor-netty";

    private static final TimeValue FOR_EVER = TimeValue.NEG_ONE_MILLISECOND;
    private static final Map<String, BiFunction<Channels, Integer, Lender>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("keepalive", Managed::new);
        ALL.put("netty-on-loop", NettyPool::new);
        ALL.put("httpcore-strict", (channels, limit) -> new HttpCorePool(channels, new StrictConnPool<>(limit, limit)));
        ALL.put("httpcore-lax", (channels, limit) -> new HttpCorePool(channels, new LaxConnPool<>(limit)));
        ALL.put(
                "httpcore-segmented",
                (channels, limit) -> new HttpCorePool(
                        channels,
                        new RouteSegmentedConnPool<>(
                                limit, limit, FOR_EVER, PoolReusePolicy.LIFO, (pooled, mode) -> pooled.close(mode))));
        ALL.put("reactor-pool", ReactorPool::new);
        ALL.put(WITHOUT_REUSE, ReactorNetty::new);
        ALL.put(RAW, (channels, limit) -> new RawChannels(channels));
    }

    private Lenders() {}

    /** All of them. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * Makes one.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static Lender make(String name, Channels channels, int limit) {
        BiFunction<Channels, Integer, Lender> maker = ALL.get(name);
        if (maker == null) {
            throw new IllegalArgumentException("contender '" + name + "' is not known: one of " + names());
        }
        return maker.apply(channels, limit);
    }
}
