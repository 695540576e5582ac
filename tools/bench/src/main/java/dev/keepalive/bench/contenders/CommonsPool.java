package dev.keepalive.bench.contenders;

import java.time.Duration;
import org.apache.commons.pool2.BaseKeyedPooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericKeyedObjectPool;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;

/** The keyed pool of Apache Commons. Whoever waits is a thread. */
final class CommonsPool implements Contender {
    private final GenericKeyedObjectPool<Integer, Connection> pool;
    private final Integer[] endpoints;

    CommonsPool(Setting setting) {
        endpoints = new Integer[setting.endpoints()];
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = i;
        }
        GenericKeyedObjectPoolConfig<Connection> config = new GenericKeyedObjectPoolConfig<>();
        config.setMaxTotalPerKey(setting.perEndpoint());
        config.setMaxIdlePerKey(setting.perEndpoint());
        config.setMaxTotal(setting.total());
        config.setJmxEnabled(false);
        Duration timeout = setting.timeout();
        if (timeout != null) {
            config.setMaxWait(timeout);
        }
        pool = new GenericKeyedObjectPool<>(new Factory(), config);
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        return pool.borrowObject(endpoints[endpoint]);
    }

    @Override
    public void release(int endpoint, Object lease) {
        pool.returnObject(endpoints[endpoint], (Connection) lease);
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
    private static final class Factory extends BaseKeyedPooledObjectFactory<Integer, Connection> {
        @Override
        public Connection create(Integer endpoint) {
            return new Connection(endpoint);
        }

        @Override
        public PooledObject<Connection> wrap(Connection connection) {
            return new DefaultPooledObject<>(connection);
        }
    }
}
