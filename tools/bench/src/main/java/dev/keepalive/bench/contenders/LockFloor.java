package dev.keepalive.bench.contenders;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/** A map of endpoints, each a lock and a deque: what a pool that does nothing else would cost. */
final class LockFloor implements Contender {
    private final Keyed<Shelf> shelves;

    LockFloor(Setting setting) {
        shelves = new Keyed<>(setting, endpoint -> new Shelf(endpoint, setting.perEndpoint()));
    }

    @Override
    public Object acquire(int endpoint) {
        return shelves.at(endpoint).take();
    }

    @Override
    public void release(int endpoint, Object lease) {
        shelves.at(endpoint).put((Connection) lease);
    }

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public void close() {}

    /** The idle connections of one endpoint. */
    private static final class Shelf {
        private final ReentrantLock lock = new ReentrantLock();
        private final Deque<Connection> idle = new ArrayDeque<>();

        Shelf(int endpoint, int connections) {
            for (int i = 0; i < connections; i++) {
                idle.push(new Connection(endpoint));
            }
        }

        Connection take() {
            lock.lock();
            try {
                return idle.pop();
            } finally {
                lock.unlock();
            }
        }

        void put(Connection connection) {
            lock.lock();
            try {
                idle.push(connection);
            } finally {
                lock.unlock();
            }
        }
    }
}
