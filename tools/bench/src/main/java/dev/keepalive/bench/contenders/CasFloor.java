package dev.keepalive.bench.contenders;

/** One CAS to acquire, one volatile write to release, no keys: the least work for connections that threads share. */
final class CasFloor implements PoolAdapter {
    private final CasConnection[] connections;

    CasFloor(PoolConfig config) {
        connections = CasConnection.array(config.total());
    }

    @Override
    public Object acquire(int endpoint) {
        return CasConnection.claim(connections);
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((CasConnection) lease).set(0);
    }
}
