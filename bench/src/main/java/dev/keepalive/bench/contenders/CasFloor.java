package dev.keepalive.bench.contenders;

/** One CAS to take, one volatile write to give back, no keys: the least that several threads can share. */
final class CasFloor implements PoolAdapter {
    private final CasConnection[] slots;

    CasFloor(PoolConfig config) {
        slots = CasConnection.array(config.total());
    }

    @Override
    public Object acquire(int endpoint) {
        return CasConnection.claim(slots);
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((CasConnection) lease).set(0);
    }

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public void close() {}
}
