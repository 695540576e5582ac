package dev.keepalive.bench.contenders;

import org.apache.hc.core5.io.ModalCloseable;
import org.apache.hc.core5.pool.LaxConnPool;
import org.apache.hc.core5.pool.ManagedConnPool;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.pool.RouteSegmentedConnPool;
import org.apache.hc.core5.pool.StrictConnPool;
import org.apache.hc.core5.util.TimeValue;

/** The pools of Apache HttpCore. Their connections never expire; the connection released last is leased first. */
public enum HttpCoreVariant {
    /** The pool with one lock, which keeps the total limit. */
    STRICT,
    /** The pool without a total limit. */
    LAX,
    /** The newest pool, with a segment per route. */
    SEGMENTED;

    private static final TimeValue UNLIMITED = TimeValue.NEG_ONE_MILLISECOND;

    /** Makes a pool with these limits. */
    public <C extends ModalCloseable> ManagedConnPool<String, C> newPool(int perEndpoint, int total) {
        return switch (this) {
            case STRICT -> new StrictConnPool<>(perEndpoint, total, UNLIMITED, PoolReusePolicy.LIFO, null);
            case LAX -> new LaxConnPool<>(perEndpoint, UNLIMITED, PoolReusePolicy.LIFO, null);
            case SEGMENTED ->
                new RouteSegmentedConnPool<>(
                        perEndpoint, total, UNLIMITED, PoolReusePolicy.LIFO, ModalCloseable::close);
        };
    }
}
