package dev.keepalive.bench.contenders;

import java.time.Duration;
import java.util.function.IntFunction;
import org.apache.commons.pool2.BaseKeyedPooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericKeyedObjectPool;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;

/** The keyed pool of Apache Commons Pool. Its waiters are threads. */
final class CommonsPoolAdapter implements PoolAdapter {
    private final GenericKeyedObjectPool<Integer, Object> pool;
    private final Integer[] endpoints;

    CommonsPoolAdapter(PoolConfig config) {
        endpoints = new Integer[config.endpoints()];
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = i;
        }
        GenericKeyedObjectPoolConfig<Object> limits = new GenericKeyedObjectPoolConfig<>();
        limits.setMaxTotalPerKey(config.perEndpoint());
        limits.setMaxIdlePerKey(config.perEndpoint());
        limits.setMaxTotal(config.total());
        limits.setJmxEnabled(false);
        Duration timeout = config.timeout();
        if (timeout != null) {
            limits.setMaxWait(timeout);
        }
        pool = new GenericKeyedObjectPool<>(new ConnectionFactory(config.opener()), limits);
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        return pool.borrowObject(endpoints[endpoint]);
    }

    @Override
    public void release(int endpoint, Object lease) {
        pool.returnObject(endpoints[endpoint], lease);
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

    /** Opens and closes connections for the pool. */
    private static final class ConnectionFactory extends BaseKeyedPooledObjectFactory<Integer, Object> {
        private final IntFunction<ModalCloseable> opener;

        ConnectionFactory(IntFunction<ModalCloseable> opener) {
            this.opener = opener;
        }

        @Override
        public Object create(Integer endpoint) {
            return opener.apply(endpoint);
        }

        @Override
        public PooledObject<Object> wrap(Object connection) {
            return new DefaultPooledObject<>(connection);
        }

        @Override
        public void destroyObject(Integer endpoint, PooledObject<Object> pooled) {
            ((ModalCloseable) pooled.getObject()).close(CloseMode.IMMEDIATE);
        }
    }
}
