package dev.keepalive.bench.contenders;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/** A map of endpoints, each with a lock and a deque: the cost of a pool that does nothing else. */
final class LockFloor implements PoolAdapter {
    private final PoolMap<IdleStack> stacks;

    LockFloor(PoolConfig config) {
        stacks = new PoolMap<>(config, endpoint -> new IdleStack(endpoint, config.perEndpoint()));
    }

    @Override
    public Object acquire(int endpoint) {
        return stacks.at(endpoint).take();
    }

    @Override
    public void release(int endpoint, Object lease) {
        stacks.at(endpoint).put((DummyConnection) lease);
    }

    /** The idle connections of one endpoint. */
    private static final class IdleStack {
        private final ReentrantLock lock = new ReentrantLock();
        private final Deque<DummyConnection> idle = new ArrayDeque<>();

        IdleStack(int endpoint, int connections) {
            for (int i = 0; i < connections; i++) {
                idle.push(new DummyConnection(endpoint));
            }
        }

        DummyConnection take() {
            lock.lock();
            try {
                return idle.pop();
            } finally {
                lock.unlock();
            }
        }

        void put(DummyConnection connection) {
            lock.lock();
            try {
                idle.push(connection);
            } finally {
                lock.unlock();
            }
        }
    }
}
