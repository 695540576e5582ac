package dev.keepalive.bench.contenders;

import java.util.Objects;
import org.eclipse.jetty.util.ConcurrentPool;
import org.eclipse.jetty.util.Pool;

/** A map of Jetty's concurrent pools, with the strategy of Jetty's HTTP client. Nobody can wait. */
final class JettyPool implements Contender {
    private final Keyed<ConcurrentPool<Connection>> pools;

    JettyPool(Setting setting) {
        pools = new Keyed<>(
                setting, endpoint -> new ConcurrentPool<>(ConcurrentPool.StrategyType.FIRST, setting.perEndpoint()));
    }

    @Override
    public Object acquire(int endpoint) {
        ConcurrentPool<Connection> pool = pools.at(endpoint);
        Pool.Entry<Connection> idle = pool.acquire();
        return idle == null ? opened(pool, endpoint) : idle;
    }

    private static Object opened(ConcurrentPool<Connection> pool, int endpoint) {
        Pool.Entry<Connection> place = pool.reserve();
        if (place == null) {
            throw new IllegalStateException("as many connections as are allowed are in use");
        }
        place.enable(new Connection(endpoint), true);
        return place;
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((Pool.Entry<?>) lease).release();
    }

    @Override
    public Object connection(Object lease) {
        return Objects.requireNonNull(((Pool.Entry<?>) lease).getPooled());
    }

    @Override
    public void close() {
        pools.forEach(ConcurrentPool::terminate);
    }
}
