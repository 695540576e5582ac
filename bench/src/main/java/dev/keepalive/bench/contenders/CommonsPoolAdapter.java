package dev.keepalive.bench.contenders;

import java.time.Duration;
import org.apache.commons.pool2.BaseKeyedPooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericKeyedObjectPool;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;

/** The keyed pool of Apache Commons. Whoever waits is a thread. */
final class CommonsPoolAdapter implements PoolAdapter {
    private final GenericKeyedObjectPool<Integer, DummyConnection> pool;
    private final Integer[] endpoints;

    CommonsPoolAdapter(PoolConfig config) {
        endpoints = new Integer[config.endpoints()];
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = i;
        }
        GenericKeyedObjectPoolConfig<DummyConnection> limits = new GenericKeyedObjectPoolConfig<>();
        limits.setMaxTotalPerKey(config.perEndpoint());
        limits.setMaxIdlePerKey(config.perEndpoint());
        limits.setMaxTotal(config.total());
        limits.setJmxEnabled(false);
        Duration timeout = config.timeout();
        if (timeout != null) {
            limits.setMaxWait(timeout);
        }
        pool = new GenericKeyedObjectPool<>(new ConnectionFactory(), limits);
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        return pool.borrowObject(endpoints[endpoint]);
    }

    @Override
    public void release(int endpoint, Object lease) {
        pool.returnObject(endpoints[endpoint], (DummyConnection) lease);
    }

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public boolean closeIdle() {
        pool.clear();
        return true;
    }

    @Override
    public void close() {
        pool.close();
    }

    /** Makes connections. */
    private static final class ConnectionFactory extends BaseKeyedPooledObjectFactory<Integer, DummyConnection> {
        @Override
        public DummyConnection create(Integer endpoint) {
            return new DummyConnection(endpoint);
        }

        @Override
        public PooledObject<DummyConnection> wrap(DummyConnection connection) {
            return new DefaultPooledObject<>(connection);
        }
    }
}
