package dev.keepalive.bench.loopback;

import dev.keepalive.bench.contenders.HttpCoreVariant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;

/** The register of channel pools by name. Each is made with an opener of channels and a limit of connections. */
public final class ChannelPoolRegistry {
    /** The contender without a pool, with which the others are compared. */
    static final String RAW = "raw";
    /** The contender that opens a connection for each request. */
    static final String WITHOUT_REUSE = "reactor-netty";

    private static final Map<String, BiFunction<ChannelOpener, Integer, ChannelPoolAdapter>> ALL =
            new LinkedHashMap<>();

    static {
        ALL.put("keepalive", KeepaliveChannelPool::new);
        ALL.put("netty-on-loop", NettyChannelPool::new);
        ALL.put("httpcore-strict", httpCore(HttpCoreVariant.STRICT));
        ALL.put("httpcore-lax", httpCore(HttpCoreVariant.LAX));
        ALL.put("httpcore-segmented", httpCore(HttpCoreVariant.SEGMENTED));
        ALL.put("reactor-pool", ReactorChannelPool::new);
        ALL.put(WITHOUT_REUSE, ReactorNettyClient::new);
        ALL.put(RAW, (opener, limit) -> new RawChannelAdapter(opener));
    }

    private ChannelPoolRegistry() {}

    private static BiFunction<ChannelOpener, Integer, ChannelPoolAdapter> httpCore(HttpCoreVariant variant) {
        return (opener, limit) -> new HttpCoreChannelPool(opener, variant.newPool(limit, limit));
    }

    /** The names of all contenders. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** @throws IllegalArgumentException if there is no pool of this name */
    static void requireKnown(String name) {
        if (!ALL.containsKey(name)) {
            throw new IllegalArgumentException("contender '" + name + "' is not known: one of " + names());
        }
    }

    /**
     * Makes the pool of this name.
     *
     * @throws IllegalArgumentException if the name is unknown
     */
    public static ChannelPoolAdapter make(String name, ChannelOpener opener, int limit) {
        requireKnown(name);
        return Objects.requireNonNull(ALL.get(name)).apply(opener, limit);
    }
}
