package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.PoolAdapter;

/** The value of the benchmark's pool before its set-up. */
final class UnsetPool implements PoolAdapter {
    @Override
    public Object acquire(int endpoint) {
        throw new IllegalStateException("the benchmark has not been set up");
    }

    @Override
    public void release(int endpoint, Object lease) {}
}
