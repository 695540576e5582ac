package dev.keepalive.bench.contenders;

/** A map of endpoints, each with slots that are taken by one CAS. */
final class MapCasFloor implements PoolAdapter {
    private final PoolMap<CasConnection[]> slots;

    MapCasFloor(PoolConfig config) {
        slots = new PoolMap<>(config, endpoint -> CasConnection.array(config.perEndpoint()));
    }

    @Override
    public Object acquire(int endpoint) {
        return CasConnection.claim(slots.at(endpoint));
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
