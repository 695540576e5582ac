package dev.keepalive.bench.contenders;

import java.util.Deque;

/** A deque of idle connections, without keys. Thread-safe if the deque is. */
final class DequeFloor implements PoolAdapter {
    private final Deque<DummyConnection> idle;

    DequeFloor(PoolConfig config, Deque<DummyConnection> empty) {
        idle = empty;
        for (int i = 0; i < config.total(); i++) {
            idle.push(new DummyConnection(0));
        }
    }

    @Override
    public Object acquire(int endpoint) {
        return idle.pop();
    }

    @Override
    public void release(int endpoint, Object lease) {
        idle.push((DummyConnection) lease);
    }
}
