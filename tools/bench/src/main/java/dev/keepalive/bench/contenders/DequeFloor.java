package dev.keepalive.bench.contenders;

import java.util.Deque;

/** A deque of idle connections and nothing else: no keys, and safe for as many threads as the deque is. */
final class DequeFloor implements Contender {
    private final Deque<Connection> idle;

    DequeFloor(Setting setting, Deque<Connection> empty) {
        idle = empty;
        for (int i = 0; i < setting.total(); i++) {
            idle.push(new Connection(0));
        }
    }

    @Override
    public Object acquire(int endpoint) {
        return idle.pop();
    }

    @Override
    public void release(int endpoint, Object lease) {
        idle.push((Connection) lease);
    }

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public void close() {}
}
