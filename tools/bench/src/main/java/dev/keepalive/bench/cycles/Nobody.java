package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.Contender;

/** Stands where the contender will be when the benchmark has been set up. */
final class Nobody implements Contender {
    @Override
    public Object acquire(int endpoint) {
        throw new IllegalStateException("the benchmark has not been set up");
    }

    @Override
    public void release(int endpoint, Object lease) {}

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public void close() {}
}
